"""Doors of what a bank keeps back, seals and erases, and of jobs: each asks for its right to the whole bank."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from mnemic.core.acting import Acting
from mnemic.core.errors import Denied, NotFound
from mnemic.governance.keyring import write_key_file
from mnemic.guarded import GuardedMemory
from mnemic.memory import Memory

from .conftest import ON_EVERY_ENGINE

PASSWORD = "tr0ub4dor&3"
Opened = Callable[..., Memory]


@pytest.fixture
def sealed(tmp_path: Path, where: str, opened: Opened) -> Memory:
    memory = opened(where, keys=write_key_file(tmp_path / "key"))
    told = {"id": "1", "role": "user", "content": f"My wifi password is {PASSWORD}.", "at": "2026-01-01"}
    memory.acting(Acting()).bank("anna", create=True).retain([{**told, "labels": ["money"]}])
    return memory


#: Roles that may not govern a bank, and those that might but see a part of it alone.
REFUSED: tuple[tuple[str, dict[str, Any]], ...] = (("editor", {}), ("owner", {"only": ["work"]}))
NARROWED: tuple[dict[str, Any], ...] = ({}, {"without": ["money"]})


def as_a(memory: Memory, role: str, bank: str = "anna", **narrowed: Any) -> GuardedMemory:
    owner = memory.acting(Acting())
    key, _ = owner.create_key("somebody")
    owner.give(key.principal, bank, role, **narrowed)
    return memory.acting(Acting(principal=key.principal))


@ON_EVERY_ENGINE
def test_a_secret_is_revealed_to_a_keyholder_of_the_whole_bank_alone(sealed: Memory) -> None:
    [secret] = sealed.bank("anna").secrets()
    refused = [as_a(sealed, role) for role in ("reader", "editor", "governor")]
    refused += [as_a(sealed, "owner", without=["money"]), as_a(sealed, "owner", only=["work"])]
    for guarded in refused:
        with pytest.raises(Denied):
            guarded.bank("anna").reveal(secret.placeholder, purpose="to look")
    holder = as_a(sealed, "keyholder")
    assert holder.bank("anna").reveal(secret.placeholder, purpose="to log in", reason="r-7") == PASSWORD
    with pytest.raises(NotFound):
        holder.bank("anna").reveal("[secret:card:000000000000]", purpose="to pay")
    entries = [e for e in sealed.acting(Acting()).audit("anna") if e.verb == "reveal"]
    told = [(e.body["outcome"], e.body.get("purpose")) for e in entries if e.who == holder.acting.principal]
    assert told == [("done", "to log in"), ("failed", None)]
    assert PASSWORD not in str([e.to_json() for e in entries])


@pytest.mark.parametrize(
    ("verb", "roles"),
    [
        ("secrets", ("keyholder", "governor", "owner")),
        ("admission", ("governor", "owner")),
        ("erasures", ("eraser", "governor", "owner")),
        ("finish_erasures", ("eraser", "governor", "owner")),
    ],
)
def test_each_verb_asks_for_its_right(sealed: Memory, verb: str, roles: tuple[str, ...]) -> None:
    for role in ("reader", "editor", "auditor", "keyholder", "eraser", "governor", "owner"):
        for narrowed in NARROWED:
            bank = as_a(sealed, role, **narrowed).bank("anna")
            if role in roles and not narrowed:
                getattr(bank, verb)()
            else:
                with pytest.raises(Denied):
                    getattr(bank, verb)()


def test_plans_and_rules_are_for_who_erases_and_governs(sealed: Memory) -> None:
    assert as_a(sealed, "eraser").bank("anna").erase_plan(everything=True)
    governor = as_a(sealed, "governor").bank("anna")
    governor.admit_by(governor.admission())
    for role, narrowed in REFUSED:
        bank = as_a(sealed, role, **narrowed).bank("anna")
        with pytest.raises(Denied):
            bank.erase_plan(everything=True)
        with pytest.raises(Denied):
            bank.admit_by({})


@ON_EVERY_ENGINE
def test_a_receipt_names_who_truly_erased_and_branches_are_other_banks(sealed: Memory) -> None:
    eraser = as_a(sealed, "eraser")
    with pytest.raises(Denied):
        eraser.bank("anna").erase(everything=True, branches=True)
    receipt = eraser.bank("anna").erase(everything=True, who="somebody else")
    assert receipt.who == eraser.acting.principal


@ON_EVERY_ENGINE
def test_a_bank_is_erased_by_its_erasers_alone(sealed: Memory) -> None:
    for role, narrowed in REFUSED:
        with pytest.raises(Denied):
            as_a(sealed, role, **narrowed).erase_bank("anna")
    eraser = as_a(sealed, "eraser")
    with pytest.raises(Denied):
        eraser.erase_bank("ben")
    assert eraser.erase_bank("anna").who == eraser.acting.principal
    with pytest.raises(Denied):
        eraser.erasures()
    assert len(as_a(sealed, "eraser", "*").erasures()) == 1


@ON_EVERY_ENGINE
def test_jobs_ask_for_the_right_to_what_they_do(sealed: Memory) -> None:
    teller, governor = as_a(sealed, "teller"), as_a(sealed, "governor")
    job = teller.enqueue("consolidate", "anna")
    assert governor.enqueue("reembed", "anna").kind == "reembed"
    for guarded, kind in ((teller, "reembed"), (teller, "switch"), (teller, "king"), (as_a(sealed, "reader"), "form")):
        with pytest.raises(Denied):
            guarded.enqueue(kind, "anna")
    narrow = as_a(sealed, "owner", without=["money"])
    with pytest.raises(Denied):
        narrow.enqueue("form", "anna")
    with pytest.raises(Denied):
        narrow.jobs("anna")
    assert [j.id for j in teller.jobs("anna")] == [job.id] == [j.id for j in teller.jobs()]
    assert {j.kind for j in governor.jobs()} == {"consolidate", "reembed"}
    assert narrow.jobs() == [] == as_a(sealed, "owner", "other-*").jobs()
