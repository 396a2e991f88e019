"""The store as a whole: whether it is in order."""

from __future__ import annotations

from fastapi import APIRouter, Request
from starlette.responses import Response

from mnemic.serve.schemas.banks import CheckedOut
from mnemic.serve.streaming import streamed, told_as
from mnemic.serve.who import Guarded

router = APIRouter(tags=["banks"])


@router.get("/check", response_class=Response, responses=told_as(CheckedOut))
async def check(request: Request, memory: Guarded) -> Response:
    """What is wrong with the store, in words; nothing when log, rows and every index agree."""
    return await streamed(request, lambda _: {"wrong": memory.check()})
