"""What a store keeps beside the log: notes, the audit's chain, jobs; on both layouts."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from mnemic.core.chain import broken
from mnemic.core.errors import NotFound
from mnemic.memory import Memory
from mnemic.store.notes import WHOLE_STORE, Job, Note
from mnemic.store.protocol import JobTable

AT = datetime(2026, 1, 1, tzinfo=UTC)


def test_a_note_is_kept_replaced_and_taken_away(memory: Memory) -> None:
    store = memory.engine.store
    memory.bank("anna")
    for bank in ("anna", WHOLE_STORE):
        note = Note(bank=bank, kind="grant", id="g1", at=AT, body={"role": "reader"})
        store.put_note(note)
        store.put_note(replace(note, body={"role": "writer"}))
        found = store.note(bank, "grant", "g1")
        assert found is not None
        assert found.body == {"role": "writer"}
        assert [n.id for n in store.notes(bank, "grant")] == ["g1"]
        assert store.drop_note(bank, "grant", "g1")
        assert not store.drop_note(bank, "grant", "g1")
        assert store.note(bank, "grant", "g1") is None
    assert [row.name for row in memory.banks()] == ["anna"]
    with pytest.raises(NotFound):
        store.put_note(Note(bank="ben", kind="grant", id="g1", at=AT, body={}))


def test_an_audit_is_a_chain_and_a_changed_entry_breaks_it(memory: Memory) -> None:
    store = memory.engine.store
    memory.bank("anna")
    for n in range(5):
        store.put_audit("anna", AT + timedelta(seconds=n), "local", "recall", {"n": n})
    store.put_audit(WHOLE_STORE, AT, "local", "grant", {})
    entries = list(store.audit("anna"))
    assert [entry.n for entry in entries] == [1, 2, 3, 4, 5]
    assert broken(entries) == []
    assert broken([*entries[:2], replace(entries[2], who="mallory"), *entries[3:]]) != []
    assert broken([*entries[:2], *entries[3:]]) != []
    assert [entry.n for entry in store.audit("anna", after=3, limit=1)] == [4]


def test_a_job_is_held_by_one_worker_and_one_a_bank(memory: Memory) -> None:
    store = memory.engine.store
    assert isinstance(store, JobTable)
    memory.bank("anna")
    for n, bank in enumerate(("anna", "anna", WHOLE_STORE)):
        store.put_job(Job(id=f"j{n}", bank=bank, kind="consolidate", due=AT))
    store.put_job(Job(id="j0", bank="anna", kind="erase", due=AT))
    later = AT + timedelta(minutes=1)
    first = store.take_job("a", AT, later)
    assert first is not None
    assert (first.id, first.kind, first.tries, first.state) == ("j0", "consolidate", 1, "running")
    second = store.take_job("b", AT, later)
    assert second is not None
    assert second.id == "j2"
    assert store.take_job("c", AT, later) is None
    assert store.hold_job("j0", "a", later + timedelta(minutes=1))
    assert not store.hold_job("j0", "b", later)
    assert store.end_job(replace(first, state="done", result={"ops": 3}))
    assert not store.end_job(replace(first, state="done"))
    third = store.take_job("c", AT, later)
    assert third is not None
    assert third.id == "j1"
    # The worker that holds j1 is gone: when its time is over another one takes the job up.
    again = store.take_job("d", later + timedelta(seconds=1), later + timedelta(minutes=1))
    assert again is not None
    assert (again.id, again.tries) in (("j1", 2), ("j2", 2))
    assert {job.id: job.state for job in store.jobs()}["j0"] == "done"
