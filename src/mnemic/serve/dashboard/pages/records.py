"""The records of a bank: filtered by kind, state, session, label or entity, or found by their words."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response

from mnemic.answers import Page
from mnemic.core.record import STATES
from mnemic.serve.dashboard.asked import Filtered, OpenBank, Sent
from mnemic.serve.dashboard.page_route import PageRoute
from mnemic.serve.dashboard.rendering import page

router = APIRouter(route_class=PageRoute)
PAGE = 50


@router.get("/banks/{bank}/records")
def records(request: Request, opened: OpenBank, chosen: Filtered) -> Response:
    """A page of records in order of time."""
    return _shown(request, opened, chosen, opened.list(chosen.where, limit=PAGE, after=chosen.after), "")


@router.post("/banks/{bank}/records")
def found(request: Request, opened: OpenBank, chosen: Filtered, form: Sent) -> Response:
    """Records that hold words of a text; sent as a form, since what is looked for belongs into no server's log."""
    text = form.one("text").strip()
    if not text:
        return _shown(request, opened, chosen, opened.list(chosen.where, limit=PAGE, after=chosen.after), "")
    page_of = opened.matching(text, chosen.where, limit=PAGE, after=chosen.after)
    return _shown(request, opened, chosen, page_of, text)


def _shown(request: Request, opened: OpenBank, chosen: Filtered, found: Page, text: str) -> Response:
    tally = opened.tally()
    return page(
        request,
        "records.html",
        bank=opened.name,
        section="records",
        chosen=chosen,
        found=found,
        text=text,
        step=PAGE,
        total=opened.tally(chosen.where).total if not text else None,
        kinds=[kind for kind in tally.by["kind"] if kind],
        states=STATES,
        labels=list(opened.words("label", limit=100)),
    )
