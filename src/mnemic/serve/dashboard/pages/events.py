"""Evidence: sessions, the events of one, and an event with what was formed of it."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response

from mnemic.browse_verbs import ANY_STATE
from mnemic.serve.dashboard import links
from mnemic.serve.dashboard.asked import OpenBank
from mnemic.serve.dashboard.forms import whole
from mnemic.serve.dashboard.page_route import PageRoute
from mnemic.serve.dashboard.rendering import page

router = APIRouter(route_class=PageRoute)
SESSIONS, EVENTS = 40, 50
#: So many records of an event's session are looked through for those that rest on it.
LOOKED_THROUGH = 2000


@router.get("/banks/{bank}/events")
def events(request: Request, opened: OpenBank) -> Response:
    """Sessions, and the events of one, or of all in the order in which they came in."""
    asked = request.query_params
    session = asked.get("session") or None
    after = max(0, whole(asked.get("after", ""), "after", 0))
    skip = max(0, whole(asked.get("sessions", ""), "sessions", 0))
    known = opened.sessions(limit=SESSIONS + 1, after=skip)
    found = opened.events(session, limit=EVENTS + 1, after=after)
    return page(
        request,
        "events.html",
        bank=opened.name,
        section="events",
        session=session,
        known=known[:SESSIONS],
        skip=skip,
        more=skip + SESSIONS if len(known) > SESSIONS else None,
        events=found[:EVENTS],
        after=after,
        next=found[EVENTS - 1].seq if len(found) > EVENTS else None,
        step=SESSIONS,
    )


@router.get("/banks/{bank}/events/{event}")
def event(request: Request, opened: OpenBank, event: str) -> Response:
    """An event, and the records that cite it."""
    found = opened.event(links.named(event))
    page_of = opened.list(ANY_STATE.and_(sessions=(found.session,)), limit=LOOKED_THROUGH)
    made = [record for record in page_of.records if any(span.source == found.id for span in record.sources)]
    return page(
        request,
        "event.html",
        bank=opened.name,
        section="events",
        event=found,
        made=made,
        partly=page_of.next is not None,
        looked=LOOKED_THROUGH,
    )
