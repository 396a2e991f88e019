"""A store with something of everything that a store can hold."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from mnemic.core.usage import Usage
from mnemic.memory import Memory
from mnemic.store.asked import Asked
from mnemic.store.notes import WHOLE_STORE, Note

AT = datetime(2026, 1, 1, tzinfo=UTC)


def fill(memory: Memory, *, turns: int = 40) -> None:
    """Three banks with records, edits, receipts, notes, an audit, answers, accounts, and a job that waits."""
    store = memory.engine.store
    for n, (bank, recipe) in enumerate((("anna", "default"), ("ben", "bm25"), ("eve / 7", "hybrid"))):
        held = memory.bank(bank, recipe)
        for session in range(3):
            held.retain(
                [
                    {"role": "user", "content": f"turn {i}: {bank} drinks tea {i % 7} in town {i % 5}"}
                    for i in range(turns)
                ],
                session=f"s{session}",
                at=AT + timedelta(days=session),
            )
        first, second, *_ = held.list().records
        held.update(first.id, f"{bank} drinks coffee")
        held.delete(second.id)
        held.recall("Who drinks tea?")
        held.recall("In which town?")
        store.put_note(Note(bank=bank, kind="grant", id="g1", at=AT, body={"role": "reader"}))
        store.put_note(Note(bank=bank, kind="policy", id="p1", at=AT, body={"n": n}))
        for i in range(3):
            store.put_audit(bank, AT + timedelta(seconds=i), "local", "recall", {"i": i})
        usage = Usage(calls=2 + n, tokens_in=100, tokens_out=10)
        store.put_asked(Asked(bank, AT, "write", "fold", usage, bytes([n]) * 8, {"text": "tea"}), at_once=True)
        store.put_asked(Asked(bank, AT + timedelta(days=1), "read", "answer", usage, failures=1), at_once=True)
    memory.branch("ben", "what if", at=10)
    store.put_note(Note(bank=WHOLE_STORE, kind="key", id="k1", at=AT, body={"sha": "ab"}))
    store.put_audit(WHOLE_STORE, AT, "local", "grant", {"bank": "anna"})
    memory.enqueue("consolidate", "anna", {"retry": True})
    store.flush()
