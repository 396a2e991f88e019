"""Law 14: what rests on a changed premise is looked at again, whoever changes it, to the end of the chain."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from mnemic.bank import Bank
from mnemic.core.facts import slot_of, value_of
from mnemic.core.reading import Where
from mnemic.core.record import Record

from ..recipes.workbench import current, fingerprint, memory_at, seq_of

CHAIN = ("office", "lunch place", "companion", "book swap")


@pytest.fixture
def bank(tmp_path: Path) -> Iterator[Bank]:
    with memory_at(tmp_path / "x.db", {}) as memory:
        yield memory.bank("b", recipe="default")


def tell(bank: Bank, at: str, attribute: str, value: str, *rests_on: str, **more: Any) -> None:
    told = {"subject": "Anna", "attribute": attribute, "value": value, "text": f"Anna's {attribute} is {value}", **more}
    told["rests_on"] = [{"subject": "Anna", "attribute": name} for name in rests_on]
    bank.retain([{"role": "user", "actor": "Anna", "content": f"So, {value}.", "meta": {"facts": [told]}}], at=at)


def of(bank: Bank, attribute: str) -> Record:
    slot = f"anna|{attribute}"
    return next(record for record in current(bank, labels=("fact",)) if slot_of(record) == slot)


def doubts(bank: Bank) -> list[str]:
    facts = [record for record in current(bank, labels=("fact",)) if record.fields.get("stale")]
    return sorted(value_of(record) for record in facts)


@pytest.fixture
def told(bank: Bank) -> Bank:
    tell(bank, "2026-01-01", "office", "Harbour Street")
    tell(bank, "2026-01-02", "lunch place", "Casa Verde", "office")
    tell(bank, "2026-01-03", "companion", "Marek", "lunch place")
    tell(bank, "2026-01-04", "book swap", "comics", "companion")
    tell(bank, "2026-01-05", "dentist", "Dr. Lima")
    assert doubts(bank) == []
    return bank


ALL = ["Casa Verde", "Marek", "comics"]


def test_a_later_statement_puts_the_whole_chain_in_doubt(told: Bank) -> None:
    tell(told, "2026-02-01", "office", "Castle Square")
    assert doubts(told) == ALL


def test_an_ending_puts_the_whole_chain_in_doubt(told: Bank) -> None:
    tell(told, "2026-02-01", "office", "", ended=True)
    assert doubts(told) == ALL


def test_deleting_updating_and_correcting_do_so_too_and_restoring_takes_it_back(told: Bank) -> None:
    office = of(told, "office")
    told.delete(office.id)
    assert doubts(told) == ALL
    told.restore(office.id)
    assert doubts(told) == []
    told.update(office.id, "Anna's office is Castle Square")
    assert doubts(told) == ALL
    told.feedback("correction", [office.id], text="Anna's office is Harbour Street")
    assert doubts(told) == []


def test_what_is_said_again_is_certain_again_with_all_that_rests_on_it(told: Bank) -> None:
    tell(told, "2026-02-01", "office", "Castle Square")
    tell(told, "2026-02-02", "lunch place", "Casa Verde", "office")
    assert doubts(told) == []


def test_a_premise_that_is_told_later_is_linked_then(bank: Bank) -> None:
    tell(bank, "2026-01-02", "lunch place", "Casa Verde", "office")
    tell(bank, "2026-01-01", "office", "Harbour Street")
    tell(bank, "2026-02-01", "office", "Castle Square")
    assert doubts(bank) == ["Casa Verde"]


def test_one_batch_gives_what_many_do(told: Bank, tmp_path: Path) -> None:
    tell(told, "2026-02-01", "office", "Castle Square")
    events = told.events(limit=100)
    with memory_at(tmp_path / "y.db", {}) as memory:
        bulk = memory.bank("b", recipe="default")
        bulk.retain(list(events))
        assert doubts(bulk) == doubts(told)


def test_rolling_back_takes_the_doubt_back(told: Bank) -> None:
    before = seq_of(told)
    tell(told, "2026-02-01", "office", "Castle Square")
    told.rollback(before)
    assert doubts(told) == []


def test_replay_gives_the_same_doubts(tmp_path: Path) -> None:
    with memory_at(tmp_path / "z.db", {}) as memory:
        bank = memory.bank("c", recipe="default")
        for day, (attribute, below) in enumerate(zip(CHAIN, ("", *CHAIN), strict=False), start=1):
            tell(bank, f"2026-01-0{day}", attribute, f"the {attribute}", *([below] if below else []))
        tell(bank, "2026-02-01", "office", "Castle Square")
        bank.delete(of(bank, "companion").id)
        assert doubts(bank) == ["the book swap", "the lunch place"]
        assert fingerprint(memory.branch("c", "copy")) == fingerprint(bank)


def test_a_circle_of_premises_ends(bank: Bank) -> None:
    tell(bank, "2026-01-01", "lunch place", "Casa Verde", "companion")
    tell(bank, "2026-01-02", "companion", "Marek", "lunch place")
    tell(bank, "2026-01-03", "lunch place", "Mama Rosa", "companion")
    assert {value_of(record) for record in bank.list(Where(labels=("fact",))).records} == {"Marek", "Mama Rosa"}
