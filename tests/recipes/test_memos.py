"""MemOS works when what is fused inherits what its parts had, and when every version of a cube can be had back."""

from __future__ import annotations

import tempfile
from dataclasses import replace
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mnemic.bank import Bank
from mnemic.bench.metrics import cited_events, coverage
from mnemic.core.reading import Where
from mnemic.core.record import Record
from mnemic.recipes.memos import PRESETS, RECIPE, cube

from .asked_records import as_said
from .given_bank import given_bank
from .locomo_bank import asked, locomo
from .workbench import bank_at, current, memory_at, seq_of

CUBE = PRESETS["cube"]


def told(inputs: Any) -> dict[str, Any]:
    return {"records": [{**record, "kind": "semantic"} for record in as_said(inputs)["records"]]}


def contradicts(inputs: Any) -> dict[str, Any]:
    """Two texts on where Anna lives contradict each other."""
    both = [pair["alias"] for pair in inputs["pairs"] if "lives" in pair["old"] and "lives" in pair["new"]]
    wanted = "contradictory" if any(v["name"] == "contradictory" for v in inputs["verdicts"]) else "relate"
    return {"verdicts": [{"pair": alias, "verdict": wanted} for alias in both]}


def fused(inputs: Any) -> dict[str, Any]:
    return {"possible": True, "text": "Anna lives in Lisbon, before that in Porto"}


SCRIPTS = {"extract_typed": told, "extract_facts": told, "compare": contradicts, "fuse": fused}
FACT = ("Anna lives in Porto by the Douro", "Anna lives in Lisbon by the Tagus")


def facts(bank: Bank, *states: str) -> dict[str, Record]:
    return {record.value: record for record in current(bank, kinds=("semantic",), states=states or ("active",))}


def test_a_contradiction_becomes_one_text_and_a_rollback_restores_what_was(tmp_path: Path) -> None:
    def unlike(inputs: Any) -> dict[str, Any]:
        """Nothing is fused, everything is related."""
        name = "relate" if any(v["name"] == "relate" for v in inputs["verdicts"]) else "independent"
        return {"verdicts": [{"pair": pair["alias"], "verdict": name} for pair in inputs["pairs"]]}

    answers: list[Any] = [unlike]
    scripts = {**SCRIPTS, "compare": lambda inputs: answers[0](inputs)}
    with bank_at(tmp_path / "z.db", RECIPE, scripts) as bank:
        bank.retain("Anna rows in Porto by the Douro", session="s0")
        bank.retain(FACT[0], session="s1")
        rows, old = facts(bank)["Anna rows in Porto by the Douro"], facts(bank)[FACT[0]]
        with bank.engine.view(bank.name) as view:
            assert [edge.dst for edge in view.edges([rows.id], rels=("relate",))] == [old.id]
        seq = seq_of(bank)
        answers[0] = contradicts
        bank.retain(FACT[1], session="s2")
        (made,) = [record for text, record in facts(bank).items() if text.startswith("Anna lives")]
        gone = facts(bank, "archived")
        assert made.value == fused({})["text"]
        assert set(gone) == set(FACT)
        assert set(made.derived_from) == {record.id for record in gone.values()}
        assert {span.source for span in made.sources} == {s.source for g in gone.values() for s in g.sources}
        with bank.engine.view(bank.name) as view:
            assert {edge.src for edge in view.edges([made.id], rels=("merged_to",), direction="in")} == set(
                made.derived_from
            )
            assert made.id in [edge.dst for edge in view.edges([rows.id], rels=("relate",))]
        bank.rollback(seq)
        assert FACT[0] in facts(bank)
        assert made.value not in facts(bank)


def test_without_a_common_text_the_newer_one_holds(tmp_path: Path) -> None:
    scripts = {**SCRIPTS, "fuse": lambda inputs: {"possible": False}}
    with bank_at(tmp_path / "x.db", RECIPE, scripts) as bank:
        bank.retain(FACT[0], session="s1")
        bank.retain(FACT[1], session="s2")
        assert FACT[1] in facts(bank)
        assert facts(bank, "superseded")[FACT[0]].fields["superseded_by"] == facts(bank)[FACT[1]].id


def test_what_is_cited_often_is_pinned_and_makes_way_later(tmp_path: Path) -> None:
    with bank_at(tmp_path / "x.db", RECIPE, {**SCRIPTS, "compare": lambda inputs: {"verdicts": []}}) as bank:
        bank.retain("Anna cannot eat walnuts", session="s")
        bank.retain("Ben plays the cello", session="s")
        allergy = facts(bank)["Anna cannot eat walnuts"].id
        for _ in range(3):
            bank.feedback("cited", [allergy])
        assert bank.get(allergy).tier == "core"
        hits = bank.search("Who plays the cello?", k=5)
        assert hits[0].record.id == allergy
        assert hits[0].hit.parts["pinned"] == 1.0


def test_clusters_get_a_summary_above_them(tmp_path: Path) -> None:
    with bank_at(tmp_path / "x.db", RECIPE, {**SCRIPTS, "compare": lambda inputs: {"verdicts": []}}) as bank:
        for n in range(10):
            bank.retain(f"Anna rows the boat on lake number{n} at dawn{n}", session="s")
            bank.retain(f"Ben bakes rye bread with seeds{n} in oven{n}", session="s")
        parents = current(bank, kinds=("summary",))
        assert parents
        assert all(parent.tier == "parent-1" and len(parent.derived_from) >= 4 for parent in parents)


def test_what_is_past_its_time_is_in_no_recall_but_in_the_history(tmp_path: Path) -> None:
    scripts = {**SCRIPTS, "compare": lambda inputs: {"verdicts": []}}
    with bank_at(tmp_path / "x.db", cube(days=10.0), scripts) as bank:
        bank.retain("The code of the gate is 4711", session="s", at="2026-05-01")
        bank.retain("The gate is green", session="s", at="2026-05-31")
        bank.consolidate()
        assert "4711" not in bank.recall("What is the code of the gate?", tokens=200).text
        assert "green" in bank.recall("What is the gate like?", tokens=200).text
        (expired,) = facts(bank, "archived").values()
        assert [entry.entry.op.kind for entry in bank.history(expired.id)] == ["ADD", "DEMOTE"]


STEPS = st.lists(
    st.tuples(st.sampled_from(["add", "update", "fuse", "archive", "restore"]), st.integers(0, 5)), max_size=9
)


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(STEPS)
def test_versions_only_rise_and_each_can_be_had_back(steps: list[tuple[str, int]]) -> None:
    fuses: list[bool] = [False]

    def compare(inputs: Any) -> dict[str, Any]:
        return {"verdicts": [{"pair": p["alias"], "verdict": "redundant"} for p in inputs["pairs"]] if fuses[0] else []}

    with (
        tempfile.TemporaryDirectory() as folder,
        memory_at(Path(folder) / "x.db", {**SCRIPTS, "compare": compare}) as m,
    ):
        bank = m.bank("b", recipe=CUBE)
        bank.retain("Anna likes green tea number0", session="s")
        for number, (kind, place) in enumerate(steps, start=1):
            known = current(bank, states=("active", "archived", "superseded"))
            one = known[place % len(known)]
            fuses[0] = kind == "fuse"
            if kind in ("add", "fuse"):
                bank.retain(f"Anna likes green tea number{number}", session="s")
            elif kind == "update":
                bank.update(one.id, f"Anna likes green tea, reworded{number}")
            elif kind == "archive" and one.state == "active":
                bank.delete(one.id)
            elif kind == "restore" and one.state != "active":
                bank.restore(one.id)
        for record in current(bank, states=("active", "archived", "superseded")):
            history = bank.history(record.id)
            versions = [entry.record.version for entry in history]
            assert versions == sorted(set(versions))
            assert record.id not in chain_of(bank, record)
            for entry in history:
                then = bank.get(record.id, as_of=entry.entry.seq)
                assert then.to_json() == entry.record.to_json()


def chain_of(bank: Bank, record: Record) -> set[str]:
    """All that a record was derived from, to the end."""
    seen: set[str] = set()
    waiting = list(record.derived_from)
    while waiting:
        one = waiting.pop()
        if one not in seen:
            seen.add(one)
            waiting.extend(bank.get(one).derived_from)
    return seen


def test_a_cube_taken_elsewhere_recalls_the_same(tmp_path: Path) -> None:
    scripts = {**SCRIPTS, "compare": lambda inputs: {"verdicts": []}}
    with memory_at(tmp_path / "x.db", scripts) as memory:
        bank = memory.bank("b", recipe=CUBE)
        for n in range(30):
            bank.retain(f"Person{n % 7} keeps thing{n} in room{n % 5}", session=f"s{n % 3}")
        questions = [f"What does Person{n % 7} keep in room{n % 5}?" for n in range(100)]
        before = [bank.recall(question, tokens=120).text for question in questions]
        memory.export("b", tmp_path / "b.mnemic")
    with memory_at(tmp_path / "elsewhere.db", scripts) as other:
        moved = other.import_bank(tmp_path / "b.mnemic")
        assert [moved.recall(question, tokens=120).text for question in questions] == before


def test_on_locomo_summaries_and_facts_cover_more_than_facts_alone(tmp_path: Path) -> None:
    conversation = locomo(0)
    probes = asked(conversation, "1")
    kinds = {"both": None, "facts": Where(kinds=("semantic", "profile", "turn"))}
    with given_bank(tmp_path / "x.db", RECIPE, conversation) as bank:
        shares = {}
        for name, where in kinds.items():
            contexts = [bank.recall(p.question, tokens=1500, where=where, asked_at=p.asked_at) for p in probes]
            told = [coverage(cited_events(c), p.evidence) for c, p in zip(contexts, probes, strict=True)]
            shares[name] = sum(told) / len(told)
    assert shares["both"] > shares["facts"]


def test_the_whole_recipe_runs_with_other_triggers_too(tmp_path: Path) -> None:
    plain = replace(RECIPE, name="memos-plain", evolution=RECIPE.evolution[:1])
    with bank_at(tmp_path / "x.db", plain, {}) as bank:
        bank.retain("Anna rows.", session="s")
        assert bank.recall("Who rows?", tokens=100).citations
