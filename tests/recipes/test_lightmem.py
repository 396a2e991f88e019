"""LightMem works when one call reads what was several turns, pruning keeps the evidence, and newer changes older."""

from __future__ import annotations

import random
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, ClassVar

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mnemic.bench.suite import Conversation
from mnemic.context.within_budget import WithinBudget
from mnemic.core.evidence import Event, Part, Segment
from mnemic.core.list_view import ListView
from mnemic.core.pipeline import Recipe
from mnemic.core.record import Key, Record
from mnemic.core.stage import Compressor, Extractor
from mnemic.core.times import Interval, Times, instant
from mnemic.core.view import View
from mnemic.evolution.target_queue import TargetQueue
from mnemic.evolution.triggers import OnIdle
from mnemic.formation.buffered_topics import BufferedTopics
from mnemic.formation.informative_words import InformativeWords
from mnemic.formation.per_turn import PerTurn
from mnemic.recipes.lightmem import PRESETS, RECIPE
from mnemic.retrieval.lexical import Lexical

from .asked_records import each_as_said
from .locomo_bank import locomo
from .measured import answerable, open_with, recall_at
from .workbench import bank_at, current, log_of, model_of

SAYING = st.lists(
    st.sampled_from(["Rex barks", "trams run in Lisbon", "yes", "", "we cook soup and more soup"]), max_size=30
)


def events_of(texts: Sequence[str]) -> list[Event]:
    at = instant("2026-06-02")
    return [
        Event(id=f"e{i}", session="s", role="user", parts=(Part("text", text),), occurred_at=at, seq=i + 1)
        for i, text in enumerate(texts)
    ]


@given(SAYING, st.integers(1, 40), st.integers(0, 30))
def test_a_session_is_cut_the_same_turn_by_turn_and_at_once(texts: list[str], tokens: int, least: int) -> None:
    stage, events = BufferedTopics(tokens=tokens, least=least), events_of(texts)
    view = ListView([], events=events)
    at_once = [segment.events for segment in stage.split(events, view, closed=True)]
    assert [event for part in at_once for event in part] == events
    stepwise: list[tuple[Event, ...]] = []
    waiting: list[Event] = []
    for event in events:
        waiting.append(event)
        while (first := next(iter(stage.split(waiting, view, closed=False)), None)) and not first.open:
            stepwise.append(first.events)
            waiting = waiting[len(first.events) :]
    stepwise += [segment.events for segment in stage.split(waiting, view, closed=True)]
    assert stepwise == at_once


@given(SAYING, st.floats(0.1, 1.0))
def test_pruning_leaves_a_line_an_event_of_its_own_words_in_order(texts: list[str], rate: float) -> None:
    events = tuple(events_of(texts))
    segment = InformativeWords(rate=rate).compress(Segment(events), ListView([], events=events))
    for event, line in segment.lines:
        rest = iter(event.text.split())
        assert all(word in rest for word in line.split())


def test_one_call_reads_many_turns_and_finds_the_same_facts(tmp_path: Path) -> None:
    turns = [{"content": f"Topic {number // 8} has the fact number {number} in it"} for number in range(60)]
    asked = {}
    for name, formation in (("buffered", RECIPE.formation), ("each turn", PerTurn() >> RECIPE.formation.items[-1])):
        with bank_at(
            tmp_path / f"{name}.db", replace(RECIPE, formation=formation), {"extract_facts": each_as_said}
        ) as bank:
            bank.retain(turns, session="s")
            bank.close_sessions()
            asked[name] = len(model_of(bank).calls), sum("number" in record.value for record in current(bank))
    assert asked["each turn"][0] >= 5 * asked["buffered"][0]
    assert asked["each turn"][1] == asked["buffered"][1] == 60


def revise(inputs: Mapping[str, Any]) -> dict[str, Any]:
    """Homes follow one another, hobbies add up."""
    later = [text["text"] for text in inputs["later"]]
    if "lives" in inputs["text"] and any("lives" in text for text in later):
        return {"action": "delete"}
    if "rows" in inputs["text"] and any("rows" in text for text in later):
        return {"action": "update", "text": f"{inputs['text']}; {later[-1]}"}
    return {"action": "ignore"}


def test_asleep_newer_records_change_older_ones_and_never_the_reverse(tmp_path: Path) -> None:
    said = ("Anna lives in Porto", "Anna rows", "Anna lives in Rome", "Anna lives in Lisbon", "Anna rows at night")
    # Short sentences are less alike by their letters than to an embedder that knows their meaning.
    rule = OnIdle() >> TargetQueue()
    recipe = replace(RECIPE, formation=PerTurn() >> RECIPE.formation.items[-1], evolution=(rule,))
    with bank_at(tmp_path / "x.db", recipe, {"extract_facts": each_as_said, "revise": revise}) as bank:
        for month, text in enumerate(said, start=1):
            bank.retain(text, session="s", at=f"2026-{month:02}-01")
        assert [op.kind for op in log_of(bank) if op.kind not in ("RETAIN", "NOOP")] == ["ADD"] * 5
        bank.consolidate()
        values = sorted(record.value for record in current(bank))
        assert values == ["Anna lives in Lisbon", "Anna rows at night", "Anna rows; Anna rows at night"]
        gone = {record.value: record for record in current(bank, states=("superseded",))}
        assert set(gone) == {"Anna lives in Porto", "Anna lives in Rome"}
        later = [call.inputs for call in model_of(bank).calls if call.task == "revise"]
        assert all(max(text["when"] for text in one["later"]) > "2026-01-01" for one in later)
        # Rome was deleted before Porto was looked at, so that only what still holds acts on it.
        porto = next(one for one in later if "Porto" in one["text"])
        assert [text["text"] for text in porto["later"]] == ["Anna lives in Lisbon"]
        asked = len(later)
        bank.consolidate()
        assert len([call for call in model_of(bank).calls if call.task == "revise"]) == asked
        grown = next(record for record in current(bank) if ";" in record.value)
        assert grown.keys["said"].text == grown.value
        assert len({span.source for span in grown.sources}) == 2


def test_the_published_code_reads_users_only(tmp_path: Path) -> None:
    with bank_at(tmp_path / "x.db", PRESETS["as-coded"], {"extract_facts": each_as_said}) as bank:
        bank.retain(
            [{"role": "user", "content": "My cat is grey"}, {"role": "assistant", "content": "Grey cats sleep a lot"}],
            session="s",
        )
        bank.close_sessions()
        assert [record.value for record in current(bank)] == ["My cat is grey"]


@dataclass(frozen=True)
class PrunedTurns(Extractor):
    """Each line of a compressed segment, so that a test can search what a compressor left."""

    name: ClassVar[str] = "test_pruned_turns"

    def extract(self, segment: Segment, view: View) -> Iterable[Record]:
        for event, line in segment.lines:
            times = Times(event=Interval(event.occurred_at, event.occurred_at))
            text = f"{event.speaker}: {line}"
            yield Record(
                id="", kind="episodic", value=text, keys={"said": Key(text)}, times=times, sources=(event.span(),)
            )


@dataclass(frozen=True)
class RandomWords(Compressor):
    """Keeps words by lot, for comparison."""

    name: ClassVar[str] = "test_random_words"
    rate: float = 0.7

    def compress(self, segment: Segment, view: View) -> Segment:
        lines = []
        for event, text in segment.lines:
            lot, words = random.Random(event.id), text.split()
            kept = set(lot.sample(range(len(words)), round(self.rate * len(words))))
            lines.append(" ".join(word for place, word in enumerate(words) if place in kept))
        return replace(segment, compressed="\n".join(lines))


def test_on_real_turns_pruning_keeps_the_evidence_where_random_pruning_loses_it(tmp_path: Path) -> None:
    conversation = locomo()
    read = Lexical(key="said") >> WithinBudget()
    found, size = {}, {}
    for name, steps in (
        ("raw", PerTurn() >> PrunedTurns()),
        ("informative", PerTurn() >> InformativeWords(rate=0.7) >> PrunedTurns()),
        ("random", PerTurn() >> RandomWords() >> PrunedTurns()),
    ):
        with open_with(tmp_path / f"{name}.db", "hashing") as memory:
            bank = memory.bank("b", recipe=Recipe(name=name, summary="", formation=steps, retrieval=read))
            bank.retain(conversation.events)
            probes = answerable(conversation, conversation.events, 200)
            found[name] = recall_at(bank, {name: read}, probes)[name]
            size[name] = sum(len(record.value.split()) for record in current(bank))
    assert size["informative"] <= 0.77 * size["raw"], size
    assert found["informative"] >= found["raw"] - 0.03, found
    assert found["random"] < found["informative"], found


def test_on_real_sessions_topics_end_where_sessions_do_more_often_than_windows(tmp_path: Path) -> None:
    conversation = locomo()
    events = [replace(event, session="one") for event in conversation.events]
    with open_with(tmp_path / "x.db", "wordllama") as memory:
        bank = memory.bank("b", recipe=RECIPE)
        with bank.engine.view("b") as view:
            scores = {}
            for name, stage in (("both", BufferedTopics()), ("similarity", BufferedTopics(attention=False))):
                sizes = [len(segment.events) for segment in stage.split(events, view, closed=True)]
                scores[name] = boundary_f1(conversation, sizes)
    scores["windows"] = boundary_f1(conversation, [10] * (len(events) // 10))
    assert scores["both"] > 1.5 * scores["windows"], scores
    assert scores["both"] == pytest.approx(scores["similarity"], abs=0.03), scores


def boundary_f1(conversation: Conversation, sizes: Sequence[int]) -> float:
    """F1 of the ends of segments as the ends of sessions, a turn more or less."""
    gold = [
        i
        for i in range(1, len(conversation.events))
        if conversation.events[i].session != conversation.events[i - 1].session
    ]
    cuts = [sum(sizes[:i]) for i in range(1, len(sizes))]
    right = sum(any(abs(cut - end) <= 1 for end in gold) for cut in cuts) / len(cuts)
    hit = sum(any(abs(cut - end) <= 1 for cut in cuts) for end in gold) / len(gold)
    return 2 * right * hit / (right + hit)
