"""Labels: what a record is about, said by hand."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query

from mnemic.serve.parameters import BankName, Reason, RecordId
from mnemic.serve.queueing import Writing
from mnemic.serve.reply import Reply
from mnemic.serve.routes.records import tagged
from mnemic.serve.schemas.records import LabelsIn, RecordOut
from mnemic.serve.who import Guarded

router = APIRouter(tags=["labels"])


@router.post("/banks/{bank}/records/{record}/labels", response_model=RecordOut, dependencies=[Writing])
def relabel(bank: BankName, record: RecordId, body: LabelsIn, memory: Guarded) -> Reply:
    """Say what a record is about, and with it all that rests on it and what was made of the same words."""
    return tagged(memory.bank(bank).relabel(record, body.labels, reason=body.reason))


@router.delete("/banks/{bank}/records/{record}/labels", response_model=RecordOut, dependencies=[Writing])
def unlabel(
    bank: BankName,
    record: RecordId,
    memory: Guarded,
    label: Annotated[list[str], Query(min_length=1, max_length=100, description="Labels to be taken away.")],
    reason: Reason = "",
) -> Reply:
    """Take labels away from a record, and from what says the same words of the same event."""
    return tagged(memory.bank(bank).unlabel(record, label, reason=reason))
