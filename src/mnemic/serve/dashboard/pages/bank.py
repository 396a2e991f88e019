"""One bank at a glance: what it holds by kind and state, its recipe stage by stage, its sessions and newest records."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response

from mnemic.core.record import STATES
from mnemic.serve.dashboard.asked import OpenBank, Sent, back
from mnemic.serve.dashboard.page_route import PageRoute
from mnemic.serve.dashboard.rendering import page
from mnemic.serve.dashboard.session import Doors

router = APIRouter(route_class=PageRoute)
NEWEST = 8


@router.get("/banks/{bank}")
def overview(request: Request, memory: Doors, opened: OpenBank) -> Response:
    """The overview of a bank."""
    recipe, tally = opened.open.recipe, opened.tally()
    return page(
        request,
        "bank.html",
        bank=opened.name,
        section="overview",
        stats=opened.stats(),
        kinds=[(kind, n) for kind, n in tally.by["kind"].items() if kind],
        states=[(state, n) for state, n in tally.by["state"].items() if state in STATES],
        recipe=recipe,
        chains=[("formation", recipe.formation), *(("evolution", rule) for rule in recipe.evolution)],
        reading=[("default", recipe.retrieval), *recipe.profiles.items()],
        written=opened.last_written() if opened.may("last_written") else None,
        newest=opened.newest(NEWEST),
        entities=opened.words("entity", limit=16),
        switching=memory.switching(opened.name) if opened.may("last_written") else None,
        may_ask=opened.may("recall_many"),
        may_tell=opened.may("retain"),
        may_tend=opened.may("consolidate"),
    )


@router.post("/banks/{bank}/retain")
def retain(opened: OpenBank, form: Sent) -> Response:
    """Take in something that was said."""
    message = {"role": form.one("role") or "user", "content": form.one("text")}
    if actor := form.one("actor").strip():
        message["actor"] = actor
    told = opened.retain(
        [message], session=form.one("session").strip() or "dashboard", at=form.one("at").strip() or None
    )
    return back("banks", opened.name, done="kept-back" if told.quarantined else "retained")


@router.post("/banks/{bank}/consolidate")
def consolidate(opened: OpenBank) -> Response:
    """Form what waits and run the rules that are due."""
    opened.consolidate()
    return back("banks", opened.name, done="consolidated")
