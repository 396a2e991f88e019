"""Erasure: what would go, erasing for good, and the receipts of what went; of a part of a bank and of whole banks."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from typing import Annotated, Any

from fastapi import APIRouter, Path, Request
from pydantic import AfterValidator
from starlette.responses import Response

from mnemic.core.erasure import ErasureReceipt
from mnemic.core.errors import NotFound
from mnemic.serve.once import AtMostOnce
from mnemic.serve.parameters import BankName, Cursor, Limit, Reason, decoded, page_of
from mnemic.serve.queueing import WriteQueues, Writing
from mnemic.serve.reply import Reply
from mnemic.serve.schemas.erasing import (
    EraseIn,
    ErasureOut,
    Erasures,
    Finished,
    HoldsOut,
    PlanIn,
    PlanOut,
    VerifyIn,
)
from mnemic.serve.streaming import Progress, streamed, told_as
from mnemic.serve.who import Guarded

router = APIRouter(tags=["erasure"])
ErasureId = Annotated[str, Path(max_length=200, description="Id of a receipt of erasure."), AfterValidator(decoded)]


def _named(found: Sequence[ErasureReceipt], erasure: str) -> ErasureReceipt:
    for receipt in found:
        if receipt.id == erasure:
            return receipt
    raise NotFound(f"erasure: there is no receipt {erasure!r} here")


def _page(found: Sequence[ErasureReceipt], limit: int, cursor: str | None) -> Reply:
    page, following = page_of(found, lambda receipt: receipt.id, limit, cursor)
    return Reply({"erasures": [receipt.to_json() for receipt in page], "next": following})


@router.post("/banks/{bank}/erasures/plan", response_model=PlanOut)
def erase_plan(bank: BankName, body: PlanIn, memory: Guarded) -> Reply:
    """What an erasure of the same choice would do; nothing is written."""
    return Reply(memory.bank(bank).erase_plan(**body.choice()).to_json())


@router.post("/banks/{bank}/erasures", response_class=Response, responses=told_as(ErasureOut))
async def erase(request: Request, bank: BankName, body: EraseIn, memory: Guarded, once: AtMostOnce) -> Response:
    """Erase events with all that was made of them, search the store for traces, and sign a receipt.

    It cannot be undone. What is under way ends also when the client goes away. Under an ``Idempotency-Key`` the receipt
    of the first request is given again.
    """
    loop, queues = asyncio.get_running_loop(), _queues(request)

    def erased() -> Mapping[str, Any]:
        with queues.turn_in_thread(bank, loop):
            receipt = memory.bank(bank).erase(**body.choice(), branches=body.branches, reason=body.reason)
        return {"erasure": receipt.id}

    def work(_: Progress) -> dict[str, Any]:
        # The door comes before the queue: who may not erase waits for nobody.
        opened = memory.bank(bank)
        opened.scope("erase")
        kept, _again = once.settled(erased, bank)
        # Whoever may erase may see the receipts of it.
        return _named(opened.erasures(), kept["erasure"]).to_json()

    return await streamed(request, work)


def _queues(request: Request) -> WriteQueues:
    queues: WriteQueues = request.app.state.queues
    return queues


@router.get("/banks/{bank}/erasures", response_model=Erasures)
def erasures(bank: BankName, memory: Guarded, limit: Limit = 100, cursor: Cursor = None) -> Reply:
    """The receipts of what was erased from a bank, the oldest first."""
    return _page(memory.bank(bank).erasures(), limit, cursor)


@router.post("/banks/{bank}/erasures/finish", response_model=Finished, dependencies=[Writing])
def finish_erasures(bank: BankName, memory: Guarded) -> Reply:
    """Finish erasures that were interrupted, or had to wait for a reader, after their rows were gone."""
    return Reply({"erasures": [receipt.to_json() for receipt in memory.bank(bank).finish_erasures()]})


@router.post("/banks/{bank}/erasures/verify", response_model=HoldsOut)
def erasure_holds(bank: BankName, body: VerifyIn, memory: Guarded) -> Reply:
    """Whether a receipt is just as this store signed it."""
    receipt = body.erasure()
    return Reply({"id": receipt.id, "holds": memory.bank(bank).erasure_holds(receipt)})


@router.get("/banks/{bank}/erasures/{erasure}", response_model=ErasureOut)
def erasure(bank: BankName, erasure: ErasureId, memory: Guarded) -> Reply:
    """A receipt of what was erased from a bank."""
    return Reply(_named(memory.bank(bank).erasures(), erasure).to_json())


@router.delete("/banks/{bank}", response_class=Response, responses=told_as(ErasureOut))
async def erase_bank(request: Request, bank: BankName, memory: Guarded, reason: Reason = "") -> Response:
    """Erase a bank whole, with its keys, notes and jobs, search the store for traces, and sign a receipt.

    It cannot be undone. The receipt is kept with the store.
    """
    return await streamed(request, lambda _: memory.erase_bank(bank, reason=reason).to_json())


@router.get("/erasures", response_model=Erasures)
def erasures_of_banks(memory: Guarded, limit: Limit = 100, cursor: Cursor = None) -> Reply:
    """The receipts of banks that were erased whole, the oldest first."""
    return _page(memory.erasures(), limit, cursor)


@router.post("/erasures/verify", response_model=HoldsOut)
def erasure_of_bank_holds(body: VerifyIn, memory: Guarded) -> Reply:
    """Whether the receipt of a bank that was erased whole is just as this store signed it."""
    receipt = body.erasure()
    return Reply({"id": receipt.id, "holds": memory.erasure_holds(receipt)})


@router.get("/erasures/{erasure}", response_model=ErasureOut)
def erasure_of_bank(erasure: ErasureId, memory: Guarded) -> Reply:
    """The receipt of a bank that was erased whole."""
    return Reply(_named(memory.erasures(), erasure).to_json())
