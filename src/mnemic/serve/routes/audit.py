"""The audit: who did what, and whether its chains hold."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Annotated

from fastapi import APIRouter, Query
from starlette.responses import Response

from mnemic.messages import check_name
from mnemic.serve.files import sent
from mnemic.serve.parameters import Limit
from mnemic.serve.reply import Reply
from mnemic.serve.schemas.governing import Audit, VerifiedOut
from mnemic.serve.streaming import MEDIA
from mnemic.serve.who import Guarded

router = APIRouter(tags=["audit"])
_LINE = '{"bank": "anna", "n": 1, "at": "2026-06-02T09:00:00+00:00", "who": "local", "verb": "recall", "body": {}}\n'


@router.get("/audit", response_model=Audit)
def audit(
    memory: Guarded,
    bank: Annotated[str | None, Query(max_length=200, description="Of this bank; the store's own without it.")] = None,
    after: Annotated[int, Query(ge=0, le=1 << 40, description="Number behind which to begin.")] = 0,
    limit: Limit = 100,
) -> Reply:
    """Entries of an audit in their order; they never hold what was said."""
    entries = memory.audit(None if bank is None else check_name(bank), after=after, limit=limit)
    following = entries[-1].n if len(entries) == limit else None
    return Reply({"entries": [entry.to_json() for entry in entries], "next": following})


@router.get(
    "/audit/export",
    response_class=Response,
    responses={
        200: {
            "description": "The entries, one JSON object a line; `mnemic audit verify FILE` checks them.",
            "content": {MEDIA: {"schema": {"type": "string"}, "example": _LINE}},
        }
    },
)
def export_audit(memory: Guarded) -> Response:
    """The audit of the store and of all its banks, to be checked without the store."""
    folder = tempfile.TemporaryDirectory(prefix="mnemic-audit-")
    path = Path(folder.name) / "audit.jsonl"
    try:
        memory.export_audit(path)
    except BaseException:
        folder.cleanup()
        raise
    return sent(path, folder, MEDIA)


@router.get("/audit/verified", response_model=VerifiedOut)
def verify_audit(memory: Guarded) -> Reply:
    """Check every chain of the store and of its banks."""
    return Reply(memory.verify_audit().to_json())
