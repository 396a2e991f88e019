"""Quarantine: events that are kept back, to be let out or rejected."""

from __future__ import annotations

from fastapi import APIRouter

from mnemic.serve.once import AtMostOnce
from mnemic.serve.parameters import BankName, Cursor, Limit, page_of
from mnemic.serve.queueing import Writing
from mnemic.serve.reply import Reply
from mnemic.serve.schemas.events import WrittenOut
from mnemic.serve.schemas.governing import DecideIn, Quarantine
from mnemic.serve.shapes import written
from mnemic.serve.who import Guarded

router = APIRouter(tags=["quarantine"])


@router.get("/banks/{bank}/quarantine", response_model=Quarantine)
def quarantine(bank: BankName, memory: Guarded, limit: Limit = 100, cursor: Cursor = None) -> Reply:
    """The events that are kept back, why, and who brought them in."""
    kept, following = page_of(memory.bank(bank).quarantine(), lambda one: one.event.id, limit, cursor)
    rows = [{"event": one.event.to_json(), "reasons": list(one.reasons), "by": one.by} for one in kept]
    return Reply({"quarantined": rows, "next": following})


@router.post("/banks/{bank}/quarantine/release", response_model=WrittenOut, dependencies=[Writing])
def release(bank: BankName, body: DecideIn, memory: Guarded, once: AtMostOnce) -> Reply:
    """Let events out, and form them now."""
    return once(lambda: written(memory.bank(bank).release(body.events, reason=body.reason)))


@router.post("/banks/{bank}/quarantine/reject", response_model=WrittenOut, dependencies=[Writing])
def reject(bank: BankName, body: DecideIn, memory: Guarded, once: AtMostOnce) -> Reply:
    """Decide that events are never formed; they stay in evidence."""
    return once(lambda: written(memory.bank(bank).reject(body.events, reason=body.reason)))
