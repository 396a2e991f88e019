"""Quarantine: events that are kept back and why, to be let out or rejected by hand."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response

from mnemic.core.errors import BadInput
from mnemic.serve.dashboard.asked import OpenBank, Sent, back
from mnemic.serve.dashboard.forms import whole
from mnemic.serve.dashboard.page_route import PageRoute
from mnemic.serve.dashboard.rendering import page

router = APIRouter(route_class=PageRoute)
PAGE = 50


@router.get("/banks/{bank}/quarantine")
def quarantine(request: Request, opened: OpenBank) -> Response:
    """What is kept back."""
    after = max(0, whole(request.query_params.get("after", ""), "after", 0))
    kept = opened.quarantine()
    return page(
        request,
        "quarantine.html",
        bank=opened.name,
        section="quarantine",
        kept=kept[after : after + PAGE],
        total=len(kept),
        next=after + PAGE if len(kept) > after + PAGE else None,
    )


@router.post("/banks/{bank}/quarantine")
def decide(opened: OpenBank, form: Sent) -> Response:
    """Let the chosen events out, or reject them."""
    ids, action, reason = form.many("event"), form.one("action"), form.one("reason").strip()
    if not ids:
        raise BadInput("event: none is chosen; tick those that it holds for")
    if action not in ("release", "reject"):
        raise BadInput(f"action: {action[:40]!r} is unknown; use release or reject")
    (opened.release if action == "release" else opened.reject)(ids, reason=reason)
    return back("banks", opened.name, "quarantine", done=action)
