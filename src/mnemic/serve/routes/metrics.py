"""Figures for a monitor."""

from __future__ import annotations

from fastapi import APIRouter
from fastapi.responses import PlainTextResponse

from mnemic.governance.roles import Right
from mnemic.serve.figures import figures
from mnemic.serve.who import Guarded

PREFIX = ""
router = APIRouter(tags=["health"])
#: Counted from here on: a route is found when the application is made.
figures()


@router.get("/metrics", response_class=PlainTextResponse)
def metrics(memory: Guarded) -> PlainTextResponse:
    """Requests, stages, calls of models, what was retained and recalled, since the process began.

    They count what all do, so that who has keys to tell apart shows them to auditors of the whole store alone.
    """
    memory.opened_store("metrics", Right.AUDIT)
    return PlainTextResponse(figures().text(), media_type="text/plain; version=0.0.4; charset=utf-8")
