"""The vault of a bank: which secrets it holds, the words of one, destroying some, and rotating its keys.

No answer of a secret's words is kept for a later request, and none is logged.
"""

from __future__ import annotations

from dataclasses import asdict, replace
from typing import Any

from fastapi import APIRouter, Request
from starlette.responses import Response

from mnemic.core.errors import BadInput
from mnemic.guarded import GuardedMemory
from mnemic.serve.once import AtMostOnce
from mnemic.serve.parameters import BankName, Cursor, Limit, page_of
from mnemic.serve.queueing import Writing
from mnemic.serve.reply import Reply
from mnemic.serve.schemas.vault import ForgetIn, ForgottenOut, RevealedOut, RevealIn, RotatedOut, Secrets
from mnemic.serve.streaming import Progress, streamed, told_as
from mnemic.serve.who import Guarded

router = APIRouter(tags=["vault"])


@router.get("/banks/{bank}/secrets", response_model=Secrets)
def secrets(bank: BankName, memory: Guarded, limit: Limit = 100, cursor: Cursor = None) -> Reply:
    """The secrets that the vault keeps of a bank: their placeholders, never their words."""
    page, following = page_of(memory.bank(bank).secrets(), lambda entry: entry.placeholder, limit, cursor)
    told = [{"secret": e.placeholder, "kind": e.kind, "at": e.at.isoformat(), "key": e.key} for e in page]
    return Reply({"secrets": told, "next": following})


@router.post("/banks/{bank}/secrets/reveal", response_model=RevealedOut)
def reveal(bank: BankName, body: RevealIn, memory: Guarded) -> Reply:
    """The words of a secret, for a purpose. The audit knows of it before they are given."""
    opened = _meaning(memory, body.purpose).bank(bank)
    value = opened.reveal(body.secret, purpose=body.purpose, reason=body.reason)
    return Reply({"secret": body.secret, "value": value})


def _meaning(memory: GuardedMemory, purpose: str) -> GuardedMemory:
    """The memory as it is open for a purpose: that of the request, if it said one, must be the same."""
    if memory.acting.is_local:
        return memory
    if memory.acting.purpose and memory.acting.purpose != purpose:
        raise BadInput("purpose: is not that of X-Mnemic-Purpose; give the same in both, or leave the header away")
    return replace(memory, acting=replace(memory.acting, purpose=purpose))


@router.post("/banks/{bank}/secrets/forget", response_model=ForgottenOut, dependencies=[Writing])
def forget_secrets(bank: BankName, body: ForgetIn, memory: Guarded, once: AtMostOnce) -> Reply:
    """Destroy secrets for good; their placeholders stay where they are."""
    return once(lambda: {"forgotten": memory.bank(bank).forget_secrets(body.secrets)})


@router.post("/banks/{bank}/secrets/rotate", response_class=Response, responses=told_as(RotatedOut))
async def rotate_vault(request: Request, bank: BankName, memory: Guarded) -> Response:
    """Wrap a bank's keys with the vault's first key, and seal its secrets under a new one; it can be resumed."""

    def work(progress: Progress) -> dict[str, Any]:
        return asdict(memory.bank(bank).rotate_vault(on_progress=progress))

    return await streamed(request, work)
