"""RMM works when topics grow instead of piling up, and citations alone teach the ranking, or leave it as it was."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mnemic.core.bilinear import Bilinear
from mnemic.core.experience import Judged
from mnemic.core.list_view import ListTools, ListView
from mnemic.core.reading import Hit, Query
from mnemic.core.record import Key, Record
from mnemic.evolution.learned_ranking import LearnedRanking
from mnemic.formation.asked_records import AskedRecords
from mnemic.formation.per_session import PerSession
from mnemic.formation.per_turn import PerTurn
from mnemic.models.language.given import GivenExtractions
from mnemic.recipes.rmm import RECIPE
from mnemic.retrieval.learned_score import LearnedScore

from .asked_records import each_as_said
from .locomo_bank import locomo
from .measured import answerable, open_with
from .workbench import bank_at, current, fingerprint, log_of, memory_at, model_of

Rows = NDArray[np.float32]
TURNS = replace(RECIPE, formation=PerTurn() >> AskedRecords())


def topics(inputs: Mapping[str, Any]) -> dict[str, Any]:
    """One topic for all turns of a session, under its first word."""
    text = " ".join(turn["text"] for turn in inputs["turns"])
    return {"records": [{"title": text.split()[0], "text": text, "turns": [t["alias"] for t in inputs["turns"]]}]}


def into_same_title(inputs: Mapping[str, Any]) -> dict[str, Any]:
    """Texts that begin with the same word are joined."""
    for known in inputs["known"]:
        if known["text"].split()[0] == inputs["new"].split()[0]:
            return {"into": known["alias"], "text": f"{known['text']} {inputs['new']}"}
    return {"into": "", "text": ""}


def test_a_topic_goes_into_the_one_that_it_continues_and_keeps_its_turns(tmp_path: Path) -> None:
    scripts = {"find_topics": topics, "merge_into": into_same_title}
    with bank_at(tmp_path / "x.db", RECIPE, scripts) as bank:
        for session, texts in enumerate(
            (["Rowing on the Tagus", "Rowing at dawn"], ["Chess club"], ["Rowing race on the Tagus"])
        ):
            bank.retain([{"content": text} for text in texts], session=f"s{session}", at=f"2026-0{session + 1}-01")
            bank.consolidate()
        grown, other = sorted(current(bank), key=lambda record: -len(record.value))
        assert other.value == "Chess club"
        assert grown.value == "Rowing on the Tagus Rowing at dawn Rowing race on the Tagus"
        events = bank.events()
        assert [event.text for event in events if event.id in {span.source for span in grown.sources}] == [
            "Rowing on the Tagus", "Rowing at dawn", "Rowing race on the Tagus",
        ]  # fmt: skip
        assert [entry.entry.op.kind for entry in bank.history(grown.id)] == ["ADD", "UPDATE"]


def test_an_alias_that_was_not_shown_leaves_a_topic_for_itself(tmp_path: Path) -> None:
    scripts = {"extract_facts": each_as_said, "merge_into": lambda _: {"into": "9", "text": "Everything"}}
    with bank_at(tmp_path / "x.db", TURNS, scripts) as bank:
        bank.retain([{"content": "Rowing on the Tagus"}, {"content": "Rowing on the Tagus at dawn"}], session="s")
        assert len(current(bank)) == 2
        assert any(op.reason.startswith("refused") for op in log_of(bank))


def test_feedback_alone_moves_the_weights_and_a_read_moves_nothing(tmp_path: Path) -> None:
    scripts = {"extract_facts": each_as_said}
    with memory_at(tmp_path / "x.db", scripts) as memory:
        bank = memory.bank("b", recipe=TURNS)
        bank.retain(
            [{"content": text} for text in ("The blue kayak leaks", "Kayak club on Monday", "Soup")], session="s"
        )
        before = fingerprint(bank)
        context = bank.recall("When is the kayak club?")
        assert fingerprint(bank) == before
        first, second = (citation.record for citation in context.citations[:2])
        asked = len(model_of(bank).calls)
        for _ in range(40):
            bank.feedback("cited", [second], receipt=context.receipt)
            bank.feedback("uncited", [first], receipt=context.receipt)
        assert len(model_of(bank).calls) == asked
        (ranker,) = current(bank, kinds=("ranker",))
        assert ranker.fields["questions"] == 80
        assert set(ranker.derived_from) == {first, second}
        shown = [citation.hit for citation in bank.recall("When is the kayak club?").citations]
        learned = {hit.id: hit.parts["learned"] for hit in shown}
        assert learned[second] > learned[first]
        assert fingerprint(memory.branch("b", "copy")) == fingerprint(bank)
        assert not [hit for hit in shown if hit.id == ranker.id]


def test_feedback_without_a_receipt_or_of_an_unknown_one_teaches_nothing(tmp_path: Path) -> None:
    with bank_at(tmp_path / "x.db", TURNS, {"extract_facts": each_as_said}) as bank:
        bank.retain("The blue kayak leaks", session="s")
        (record,) = current(bank)
        bank.feedback("cited", [record.id])
        bank.feedback("cited", [record.id], receipt="no-such-receipt")
        assert not current(bank, kinds=("ranker",))
        assert bank.get(record.id).stats.cited == 2


def test_what_does_worse_than_nothing_is_not_used() -> None:
    notes = [Record(id=t, kind="semantic", value=t, keys={"said": Key(t)}) for t in ("green tea", "tea pot")]
    rows, question = ListTools().embed(["green tea", "tea pot"]), ListTools().embed_query("green tea")
    weights = Bilinear.start(256, rank=8, seed=0)
    for _ in range(60):
        weights = weights.stepped(question, rows, np.array([-1.0, 1.0]), rate=0.1, temperature=0.5)
    order = {}
    for gain in (0.01, -0.01):
        fields = {"weights": weights.to_json(), "gain": gain}
        ranker = Record(id="w", kind="ranker", value="", fields=fields, labels=("ranker=said",))
        view = ListView([*notes, ranker])
        hits = [Hit("green tea", 1.0, "dense"), Hit("tea pot", 0.5, "dense")]
        order[gain] = [h.id for h in LearnedScore().score(hits, Query(text="green tea", asked_at=view.now), view)]
    assert order == {0.01: ["tea pot", "green tea"], -0.01: ["green tea", "tea pot"]}


def test_the_gain_falls_when_what_was_learnt_turns_out_wrong() -> None:
    notes = [Record(id=t, kind="semantic", value=t, keys={"said": Key(t)}) for t in ("green tea", "tea pot")]
    lies = [Judged(str(i), "green tea", {"green tea": -1.0, "tea pot": 1.0}) for i in range(40)]
    truth = [Judged(str(i), "green tea", {"green tea": 1.0, "tea pot": -1.0}) for i in range(3)]
    stage = LearnedRanking(rate=0.2, baseline=0.0)
    (kept,) = stage.run(ListView(notes, judged=lies), since=0)
    assert kept.record is not None
    assert kept.record.fields["gain"] > 0
    (later,) = stage.run(ListView([*notes, kept.record], judged=truth), since=0)
    assert later.record is not None
    assert later.record.fields["gain"] < kept.record.fields["gain"]


def toy(seed: int, noise: float, pull: float) -> tuple[Rows, Callable[[], tuple[Rows, int]]]:
    """400 memories and questions about one of them, drawn towards a direction that says nothing about it."""
    lot = np.random.default_rng(seed)
    popular = lot.standard_normal(128)
    popular /= np.linalg.norm(popular)
    rows = lot.standard_normal((400, 128))
    rows /= np.linalg.norm(rows, axis=1, keepdims=True)
    rows += 0.5 * np.abs(lot.standard_normal(400))[:, None] * popular
    rows /= np.linalg.norm(rows, axis=1, keepdims=True)

    def question() -> tuple[Rows, int]:
        gold = int(lot.integers(400))
        made = rows[gold] + noise * lot.standard_normal(128) / np.sqrt(128) + pull * popular
        return (made / np.linalg.norm(made)).astype(np.float32), gold

    return rows.astype(np.float32), question


def trained(seed: int, noise: float, pull: float, *, cites: bool) -> tuple[float, float, float]:
    """Recall@20, and Recall@5 before and after 1,000 questions; citations are right, or by lot."""
    rows, question = toy(seed, noise, pull)
    lot = np.random.default_rng(seed + 1)
    weights, mean = Bilinear.start(128, rank=8, seed=0), 0.0
    for number in range(1, 1001):
        asked, gold = question()
        top = np.argsort(-(rows @ asked))[:20]
        shown = np.argsort(-weights.scores(asked, rows[top]))[:5]
        right = [top[place] == gold if cites else lot.random() < 0.2 for place in shown]
        rewards = np.where(right, 1.0, -1.0)
        mean += (rewards.mean() - mean) / number
        advantages = np.zeros(20, np.float32)
        advantages[shown] = rewards - mean
        weights = weights.stepped(asked, rows[top], advantages, rate=0.01, temperature=0.5)
    found = np.zeros(3)
    for _ in range(400):
        asked, gold = question()
        top = np.argsort(-(rows @ asked))[:20]
        again = top[np.argsort(-weights.scores(asked, rows[top]))]
        found += (gold in top, gold in top[:5], gold in again[:5])
    at20, before, after = (found / 400).tolist()
    return at20, before, after


def test_a_thousand_right_citations_lift_recall_by_eight_points_and_random_ones_cost_at_most_seven() -> None:
    at20, before, after = np.mean([trained(seed, 2.5, 1.0, cites=True) for seed in range(3)], axis=0)
    assert at20 >= 0.8
    assert after - before >= 0.08, (before, after)
    _, before, after = np.mean([trained(seed, 2.5, 1.0, cites=False) for seed in range(3)], axis=0)
    assert before - after <= 0.07, (before, after)


def test_on_given_facts_a_context_holds_more_evidence_than_one_of_turns(tmp_path: Path) -> None:
    conversation = locomo()
    events = conversation.events
    facts = replace(RECIPE, formation=PerSession() >> AskedRecords(), evolution=())
    shares: dict[str, list[float]] = {"turns": [], "topics": []}
    with open_with(tmp_path / "x.db", "wordllama", GivenExtractions(events, conversation.extractions)) as memory:
        banks = {"turns": memory.bank("turns", recipe="dense"), "topics": memory.bank("topics", recipe=facts)}
        for name, bank in banks.items():
            bank.retain(events)
            bank.close_sessions()
            for probe in answerable(conversation, events, 100):
                cited = {event for c in bank.recall(probe.question, tokens=600).citations for event in c.events}
                shares[name].append(len(cited.intersection(probe.evidence)) / len(set(probe.evidence)))
    means = {name: float(np.mean(values)) for name, values in shares.items()}
    assert means["topics"] > means["turns"], means
