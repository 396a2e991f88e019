"""Keep Me Updated works when the memory after a session is what the truth table says, and the last value is found."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mnemic.core.list_view import ListTools, ListView
from mnemic.core.pipeline import Chain
from mnemic.core.record import Key, Record
from mnemic.core.times import Interval, Times, instant
from mnemic.evolution.insert_only import InsertOnly
from mnemic.evolution.pairwise import VERDICTS, Pairwise
from mnemic.recipes.keep_me_updated import RECIPE

from .asked_records import each_as_said
from .workbench import bank_at, current, log_of

#: What is known, what a session tells, and which of the two stays.
TABLE = (
    ("Anna has a cold", "Anna's cold is gone", "DELETE"),
    ("Ben waits for a parcel", "Ben's parcel came", "DELETE"),
    ("Cleo is looking for a flat", "Cleo stopped looking", "DELETE"),
    ("Dan works in a bakery", "Dan now runs the bakery", "REPLACE"),
    ("Eva is 30", "Eva turned 31", "REPLACE"),
    ("Finn likes dogs", "Finn likes small brown dogs", "REPLACE"),
    ("Gina swims every morning at six", "Gina swims", "PASS"),
    ("Hugo is a nurse in Leeds", "Hugo is a nurse", "PASS"),
    ("Ines plays the cello in a trio", "Ines plays the cello", "PASS"),
    ("Jon has a boat", "Jon has a tent", "APPEND"),
    ("Kim speaks Thai", "Kim bakes bread", "APPEND"),
    ("Lou hates rain", "Lou loves snow", "APPEND"),
)


def by_table(inputs: Mapping[str, Any]) -> dict[str, Any]:
    """The verdict of the table; whatever is not in it is unrelated."""
    known = {(old, new): verdict for old, new, verdict in TABLE}
    verdicts = [{"pair": p["alias"], "verdict": known.get((p["old"], p["new"]), "APPEND")} for p in inputs["pairs"]]
    return {"verdicts": verdicts}


def test_the_memory_after_a_session_is_the_gold_set(tmp_path: Path) -> None:
    with bank_at(tmp_path / "x.db", RECIPE, {"extract_facts": each_as_said, "compare": by_table}) as bank:
        bank.retain([{"content": old} for old, _, _ in TABLE], session="s1")
        bank.consolidate()
        bank.retain([{"content": new} for _, new, _ in TABLE], session="s2", at="2026-07-01")
        bank.consolidate()
        gold = [old for old, _, verdict in TABLE if VERDICTS[verdict][1]]
        gold += [new for _, new, verdict in TABLE if VERDICTS[verdict][2]]
        assert sorted(record.value for record in current(bank)) == sorted(gold)
        gone = {record.value: record for record in current(bank, states=("superseded",))}
        assert len(gone) == 6
        assert not gone["Anna has a cold"].fields["superseded_by"]
        assert bank.get(gone["Eva is 30"].fields["superseded_by"]).value == "Eva turned 31"
        told = [op.reason for op in log_of(bank) if op.kind == "NOOP" and op.evidence]
        assert len([reason for reason in told if reason.startswith(("PASS", "DELETE"))]) == 6


JOBS = ("a baker", "a nurse", "a pilot", "a judge", "a diver", "a painter")


def newer_replaces(inputs: Mapping[str, Any]) -> dict[str, Any]:
    """All pairs are about one job."""
    return {"verdicts": [{"pair": pair["alias"], "verdict": "REPLACE"} for pair in inputs["pairs"]]}


def test_what_changed_five_times_has_one_value_and_it_is_the_last(tmp_path: Path) -> None:
    found = {}
    for name, rule in (("updated", RECIPE.evolution), ("accumulated", (Chain.of(InsertOnly()),))):
        recipe = replace(RECIPE, evolution=rule)
        with bank_at(
            tmp_path / f"{name}.db", recipe, {"extract_facts": each_as_said, "compare": newer_replaces}
        ) as bank:
            for month, job in enumerate(JOBS, start=1):
                bank.retain(f"Mara works as {job}", session=f"s{month}", at=f"2026-{month:02}-01")
                bank.consolidate()
            context = bank.recall("What does Mara work as?")
            found[name] = [bank.get(citation.record).value for citation in context.citations]
    assert found["updated"] == ["Mara works as a painter"]
    assert len(found["accumulated"]) == len(JOBS)


def said(record_id: str, text: str, day: str) -> Record:
    times = Times(event=Interval(instant(day), instant(day)))
    return Record(id=record_id, kind="semantic", value=text, keys={"said": Key(text)}, times=times)


@pytest.mark.parametrize("verdict", ["REPLACE", "DELETE"])
def test_what_was_said_before_sets_nothing_later_aside(verdict: str) -> None:
    answers = {"compare": lambda _: {"verdicts": [{"pair": "0", "verdict": verdict}]}}
    view = ListView([said("r1", "Anna lives in Lisbon", "2026-06-01")], tools=ListTools(answers=answers))
    ops = list(Pairwise().resolve([said("d1", "Anna lives in Porto", "2020-01-01")], view))
    assert "SUPERSEDE" not in [op.kind for op in ops]


@given(st.lists(st.tuples(st.sampled_from(["0", "1", "7", "", "r1"]), st.sampled_from(list(VERDICTS))), max_size=4))
def test_whatever_a_model_answers_every_draft_is_added_or_noted_once(answer: list[tuple[str, str]]) -> None:
    verdicts = [{"pair": pair, "verdict": verdict} for pair, verdict in answer]
    known = [said("r1", "Anna rows", "2026-05-01"), said("r2", "Ben rows", "2026-05-01")]
    view = ListView(known, tools=ListTools(answers={"compare": lambda _: {"verdicts": verdicts}}))
    ops = list(Pairwise(k=1).resolve([said("d1", "Anna rows far", "2026-06-01")], view))
    assert {target for op in ops for target in op.targets} <= {"r1", "r2", "d1"}
    assert sum(op.kind == "ADD" or (op.kind == "NOOP" and not op.reason.startswith("refused")) for op in ops) == 1
