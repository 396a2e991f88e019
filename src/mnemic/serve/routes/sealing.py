"""Encryption at rest of a bank that is there: put under a seal, under another one, or laid down in clear."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from fastapi import APIRouter, Request
from starlette.responses import Response

from mnemic.serve.parameters import BankName
from mnemic.serve.schemas.sealing import SealIn, SealingOut
from mnemic.serve.streaming import streamed, told_as
from mnemic.serve.who import Guarded

router = APIRouter(tags=["whole banks"])


@router.post("/banks/{bank}/seal", response_class=Response, responses=told_as(SealingOut))
async def seal(request: Request, bank: BankName, memory: Guarded, body: SealIn | None = None) -> Response:
    """Encrypt the content of a bank at rest, and drive what lay in clear out of the files. Broken off, it goes on."""
    renew = bool(body and body.renew)

    def work(_: Any) -> dict[str, Any]:
        return asdict(memory.seal(bank, renew=renew))

    return await streamed(request, work)


@router.post("/banks/{bank}/unseal", response_class=Response, responses=told_as(SealingOut))
async def unseal(request: Request, bank: BankName, memory: Guarded) -> Response:
    """Lay a sealed bank down in clear again."""
    return await streamed(request, lambda _: asdict(memory.unseal(bank)))
