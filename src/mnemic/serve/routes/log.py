"""The log of a bank: read it, compare two points of it, go back to one."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query

from mnemic.core.errors import BadInput
from mnemic.serve import shapes
from mnemic.serve.once import AtMostOnce
from mnemic.serve.parameters import BankName, Cursor, Limit, cursor_of, place_of, point
from mnemic.serve.queueing import Writing
from mnemic.serve.reply import Reply
from mnemic.serve.schemas.banks import DifferenceOut, Log, RollbackIn
from mnemic.serve.schemas.events import WrittenOut
from mnemic.serve.who import Guarded

router = APIRouter(tags=["log"])
_Point = Query(max_length=100, description="An instant, or a seq of the log.", examples=["2026-06-02", "42"])


@router.get("/banks/{bank}/log", response_model=Log)
def log(
    bank: BankName,
    memory: Guarded,
    limit: Limit = 100,
    cursor: Cursor = None,
    after: Annotated[int, Query(ge=0, le=1 << 40, description="Seq behind which to begin.")] = 0,
) -> Reply:
    """Entries of the log, from the oldest on."""
    begin = place_of(cursor, "after")[0] if cursor else after
    found = memory.bank(bank).log(after=begin, limit=limit)
    following = cursor_of(after=found[-1].seq) if len(found) == limit else None
    return Reply({"entries": [entry.to_json() for entry in found], "next": following})


@router.get("/banks/{bank}/diff", response_model=DifferenceOut)
def diff(
    bank: BankName, memory: Guarded, since: Annotated[str, _Point], until: Annotated[str | None, _Point] = None
) -> Reply:
    """What changed between two points: records added, set aside, and changed."""
    since_point = point(since)
    assert since_point is not None
    return Reply(memory.bank(bank).diff(since_point, point(until)).to_json())


@router.post("/banks/{bank}/rollback", response_model=WrittenOut, dependencies=[Writing])
def rollback(bank: BankName, body: RollbackIn, memory: Guarded, once: AtMostOnce) -> Reply:
    """Bring every record back to what it was at a point of the log; nothing is destroyed, events stay."""
    to = body.to
    if to is None:
        raise BadInput("to: is missing; give an instant or a seq of the log")
    return once(lambda: shapes.written(memory.bank(bank).rollback(to, reason=body.reason)))
