"""Hindsight works when facts are linked in four ways, beliefs move with evidence, and none passes for evidence."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from pathlib import Path

from mnemic.bench.metrics import recall_at
from mnemic.context.fill import evidence_of
from mnemic.context.within_budget import WithinBudget
from mnemic.core.execute import search
from mnemic.core.reading import Query, Where
from mnemic.core.record import Record
from mnemic.recipes.hindsight import GRAPH, KINDS, MEANING, TIME, WORDS
from mnemic.retrieval.dense import Dense
from mnemic.retrieval.linked import Linked
from mnemic.retrieval.time_cues import TimeCues

from .given_bank import given_bank
from .hindsight import RECIPE, SCRIPTS
from .locomo_bank import asked, locomo
from .workbench import bank_at, current, log_of

FACTS_ONLY = Where(epistemic=("evidence", "inference"))


def belief_of(records: list[Record]) -> Record:
    (belief,) = [record for record in records if record.kind == "belief"]
    return belief


def test_confidence_rises_then_falls_and_the_text_changes_once(tmp_path: Path) -> None:
    supports = [f"Anna praised tea number {i} in shop {i * 7}." for i in range(10)]
    contradictions = [f"Anna does not drink tea number {i}." for i in range(3)]
    with bank_at(tmp_path / "x.db", RECIPE, SCRIPTS) as bank:
        bank.retain("I think Anna likes tea.", session="s")
        course = [belief_of(current(bank)).confidence or 0.0]
        for text in (*supports, *contradictions):
            bank.retain(text, session="s")
            course.append(belief_of(current(bank)).confidence or 0.0)
        belief = belief_of(current(bank))
        assert course[0] == 0.6
        assert all(later > earlier for earlier, later in pairwise(course[:11]))
        assert all(later < earlier for earlier, later in pairwise(course[10:]))
        wordings = [entry.record.value for entry in bank.history(belief.id)]
        assert sum(one != other for one, other in pairwise(wordings)) == 1
        assert belief.value == f"Once otherwise, now: {contradictions[0]}"
        assert belief.keys["said"].text == belief.value
        # All with provenance: each of the thirteen facts is named, and linked as what it did.
        assert {bank.get(i).value for i in belief.derived_from} == {*supports, *contradictions}
        with bank.engine.view(bank.name) as view:
            edges = view.edges([belief.id], rels=("supports", "weakens"), direction="in")
        assert sorted(edge.rel for edge in edges) == ["supports"] * 10 + ["weakens"] * 3


def test_no_belief_is_returned_as_evidence(tmp_path: Path) -> None:
    with bank_at(tmp_path / "x.db", RECIPE, SCRIPTS) as bank:
        bank.retain("I think Anna likes tea.", session="s")
        for i in range(6):
            bank.retain(f"Anna drank tea on day {i} with Ben and guest {i * 3}.", session="s")
        free = bank.search("Does Anna like tea?", k=50)
        assert any(found.record.epistemic == "belief" for found in free)
        found = bank.search("Does Anna like tea?", k=50, where=FACTS_ONLY)
        assert found
        assert {one.record.epistemic for one in found} <= {"evidence", "inference"}
        belief = belief_of(current(bank))
        context = bank.recall("Does Anna like tea?", tokens=2000, where=FACTS_ONLY)
        assert belief.id not in {citation.record for citation in context.citations}
        assert belief.value not in context.text


def test_four_kinds_of_links(tmp_path: Path) -> None:
    with bank_at(tmp_path / "x.db", RECIPE, SCRIPTS) as bank:
        bank.retain("Anna moved to Lisbon because Clara found work.", session="s", at="2026-05-01T10:00:00")
        bank.retain("Clara found work at the harbour.", session="s", at="2026-05-01T22:00:00")
        bank.retain("Ben planted tomatoes.", session="s", at="2026-05-20")
        of_text = {record.value: record.id for record in current(bank)}
        with bank.engine.view(bank.name) as view:
            edges = view.edges(list(of_text.values()))
        laid = {(edge.src, edge.rel, edge.dst): edge.weight for edge in edges}
        effect, cause = of_text["Anna moved to Lisbon"], of_text["Clara found work."]
        later, ben = of_text["Clara found work at the harbour."], of_text["Ben planted tomatoes."]
        assert laid[cause, "cause", effect] == 0.9
        assert laid[cause, "same_time", effect] == 1.0
        assert laid[later, "same_time", cause] == 0.5
        assert (later, "same_entity", cause) in laid
        assert (later, "similar", cause) in laid
        assert not [edge for edge in edges if ben in (edge.src, edge.dst)]


def test_duplicates_within_a_day_are_noted_and_not_taken_in(tmp_path: Path) -> None:
    with bank_at(tmp_path / "x.db", RECIPE, SCRIPTS) as bank:
        bank.retain("Ben planted tomatoes.", session="s", at="2026-05-20T09:00:00")
        bank.retain("Ben planted tomatoes.", session="s", at="2026-05-20T19:00:00")
        assert len(current(bank)) == 1
        assert any(op.kind == "NOOP" and op.reason.startswith("says what") and op.evidence for op in log_of(bank))
        bank.retain("Ben planted tomatoes.", session="s", at="2027-05-20")
        assert len(current(bank)) == 2


def test_a_profile_is_folded_from_five_facts_and_follows_the_sixth(tmp_path: Path) -> None:
    facts = ["Anna rows.", "Anna paints boats.", "Anna met Ben.", "Anna sings alto.", "Anna grew up in Porto."]
    with bank_at(tmp_path / "x.db", RECIPE, SCRIPTS) as bank:
        for fact in facts[:4]:
            bank.retain(fact, session="s")
        assert not current(bank, kinds=("profile",))
        bank.retain(facts[4], session="s")
        (profile,) = current(bank, kinds=("profile",))
        assert profile.epistemic == "inference"
        assert {bank.get(i).value for i in profile.derived_from} == set(facts)
        bank.retain("Anna keeps bees.", session="s")
        (after,) = current(bank, kinds=("profile",))
        assert after.id == profile.id
        assert "bees" in after.value


def test_a_cause_is_reached_through_its_edge(tmp_path: Path) -> None:
    walk = Dense(key="said", k=1) >> Linked(rels=("cause",)) >> WithinBudget()
    with bank_at(tmp_path / "x.db", replace(RECIPE, retrieval=walk), SCRIPTS) as bank:
        bank.retain("Anna moved to Lisbon because the firm closed.", session="s")
        bank.retain("Ben fed the geese.", session="s")
        found = {one.record.value: one.hit.path for one in bank.search("Where did Anna move?", k=20)}
        assert set(found) == {"Anna moved to Lisbon", "the firm closed."}
        assert "cause" in found["the firm closed."]


def test_on_locomo_four_searches_find_more_than_the_best_of_them(tmp_path: Path) -> None:
    conversation = locomo(0)
    probes = asked(conversation, most=150)
    plan = TimeCues(anchor=WORDS)
    ways = {
        "meaning": plan >> MEANING,
        "words": plan >> WORDS,
        "graph": plan >> GRAPH,
        "four": plan >> (MEANING | WORDS | GRAPH | TIME) >> KINDS,
    }
    found: dict[str, float] = {}
    with given_bank(tmp_path / "x.db", RECIPE, conversation) as bank, bank.engine.view(bank.name) as view:
        for name, chain in ways.items():
            shares = []
            for probe in probes:
                hits = search(chain, Query(text=probe.question, asked_at=probe.asked_at), view)[:10]
                events = [e for record in view.get([h.id for h in hits]).values() for e in evidence_of(record, view)]
                shares.append(recall_at(list(dict.fromkeys(events)), set(probe.evidence), len(events)))
            found[name] = sum(shares) / len(shares)
    assert found["four"] > max(found[name] for name in ("meaning", "words", "graph"))
