"""MemoChat works when every turn belongs to one memo, whatever the model writes, and "none" brings nothing."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from mnemic.core.errors import Malformed
from mnemic.recipes.memo_chat import RECIPE

from .workbench import bank_at, current

TURNS = [f"Turn number {i} is about topic {i // 4}." for i in range(12)]
TOPIC = st.fixed_dictionaries(
    {
        "title": st.sampled_from(["pets", "trips"]),
        "text": st.just("They talked."),
        "turns": st.lists(st.sampled_from([str(i) for i in range(16)] + ["x", "-1"]), max_size=12),
    }
)


def memos_of(scripts: Mapping[str, Any], path: Path, at_once: bool = True) -> Counter[str]:
    """How many memos rest on each turn, and that all turns are there."""
    with bank_at(path / "x.db", RECIPE, scripts) as bank:
        messages = [{"role": "user", "actor": "Anna", "content": text} for text in TURNS]
        for part in [messages] if at_once else [[message] for message in messages]:
            bank.retain(part, session="s")
        bank.consolidate()
        events = [event.id for event in bank.events(limit=100)]
        assert [record.value for record in current(bank, kinds=("episodic",))] == TURNS
        memos = current(bank, kinds=("memo",))
        assert {span.source for memo in memos for span in memo.sources} == set(events)
        return Counter(span.source for memo in memos for span in memo.sources)


@settings(max_examples=15)
@given(topics=st.lists(TOPIC, max_size=4), at_once=st.booleans())
def test_every_turn_belongs_to_exactly_one_memo(topics: list[dict[str, Any]], at_once: bool) -> None:
    with TemporaryDirectory() as folder:
        counts = memos_of({"find_topics": lambda inputs: {"records": topics}}, Path(folder), at_once)
    assert set(counts.values()) == {1}


def test_an_answer_that_cannot_be_read_loses_nothing(tmp_path: Path) -> None:
    def unreadable(inputs: Mapping[str, Any]) -> dict[str, Any]:
        raise Malformed("answer to 'find_topics': no JSON in it")

    assert set(memos_of({"find_topics": unreadable}, tmp_path).values()) == {1}


def by_topic(inputs: Mapping[str, Any]) -> dict[str, Any]:
    topics: dict[str, list[str]] = {}
    for turn in inputs["turns"]:
        topics.setdefault(turn["text"].split()[-1].strip("."), []).append(turn["alias"])
    return {"records": [{"title": f"topic {t}", "text": f"On {t}.", "turns": turns} for t, turns in topics.items()]}


def test_the_chosen_memo_brings_its_topic_its_summary_and_its_turns(tmp_path: Path) -> None:
    def second(inputs: Mapping[str, Any]) -> dict[str, Any]:
        return {"chosen": [option["alias"] for option in inputs["options"] if option["text"].startswith("topic 1")]}

    with bank_at(tmp_path / "x.db", RECIPE, {"find_topics": by_topic, "choose": second}) as bank:
        bank.retain([{"role": "user", "actor": "Anna", "content": text} for text in TURNS], session="s")
        bank.consolidate()
        text = bank.recall("What about it?").text
        assert "topic 1: On 1." in text
        assert [i for i in range(12) if f"number {i} is" in text] == [4, 5, 6, 7]


def test_choosing_none_of_the_memos_brings_nothing(tmp_path: Path) -> None:
    none = {"find_topics": by_topic, "choose": lambda inputs: {"chosen": []}}
    with bank_at(tmp_path / "x.db", RECIPE, none) as bank:
        bank.retain([{"role": "user", "actor": "Anna", "content": text} for text in TURNS], session="s")
        bank.consolidate()
        assert bank.recall("How do I boil an egg?").citations == ()
        # A search without a model to say so always has something nearest.
        assert bank.recall("How do I boil an egg?", profile="nearest").citations
