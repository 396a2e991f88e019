"""Whether the process lives, and whether it can serve."""

from __future__ import annotations

from fastapi import APIRouter, Request
from pydantic import ConfigDict

from mnemic import __version__
from mnemic.serve.problems import of_status
from mnemic.serve.reply import Reply
from mnemic.serve.schemas.base import Told

PREFIX = ""
router = APIRouter(tags=["health"])


class Health(Told):
    """The state of the process."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"status": "ok", "version": __version__}]})

    status: str
    version: str = ""


@router.get("/health", response_model=Health)
async def health() -> Reply:
    """Whether the process answers; asks nothing of the store."""
    return Reply({"status": "ok", "version": __version__})


@router.get("/ready", response_model=Health)
def ready(request: Request) -> Reply:
    """Whether it takes requests: the store answers, its schema is current, and the process is not being stopped."""
    if request.app.state.draining:
        return of_status(503, "the process is being stopped")  # type: ignore[return-value]
    request.app.state.memory.engine.store.bank("")
    return Reply({"status": "ready", "version": __version__})
