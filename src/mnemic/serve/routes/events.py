"""Events: what was said, shown or done goes in, and is read back word for word."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from mnemic.core.errors import BadInput
from mnemic.serve.once import AtMostOnce
from mnemic.serve.parameters import BankName, Cursor, EventId, Limit, cursor_of, place_of
from mnemic.serve.queueing import Writing
from mnemic.serve.reply import Reply
from mnemic.serve.schemas.events import EventOut, Events, FormIn, Message, Retain, WrittenOut
from mnemic.serve.shapes import written
from mnemic.serve.streaming import Progress, streamed, told_as
from mnemic.serve.who import Guarded

router = APIRouter(tags=["events"])


@router.post("/banks/{bank}/events", response_model=WrittenOut, dependencies=[Writing])
def retain(request: Request, bank: BankName, body: Retain, memory: Guarded, once: AtMostOnce) -> Reply:
    """Take in what was said, shown or done. When this answers, it is committed; the bank is made when there is none."""
    given = body.messages if isinstance(body.messages, list) else [body.messages]
    most = request.app.state.memory.settings.serve_items
    if len(given) > most:
        raise BadInput(f"messages: {len(given):,} are more than {most:,}, the most in one request; stream them")
    messages = [message_of(one, once.event_id(number)) for number, one in enumerate(given)]

    def work() -> dict[str, Any]:
        opened = memory.bank(bank, create=True)
        return written(opened.retain(messages, session=body.session, at=body.at, close=body.close, form=body.form))

    return once(work)


def message_of(given: str | Message, event_id: str | None = None) -> str | dict[str, Any]:
    """A message as ``retain`` takes it, with an id where it has none and one is given."""
    if isinstance(given, str):
        return given if event_id is None else {"id": event_id, "content": given}
    message = given.model_dump(exclude_none=True)
    return message if event_id is None or message.get("id") else message | {"id": event_id}


@router.get("/banks/{bank}/events", response_model=Events)
def events(
    bank: BankName,
    memory: Guarded,
    session: str | None = Query(None, max_length=1000, description="Only of this session."),
    limit: Limit = 100,
    cursor: Cursor = None,
    after: int = Query(0, ge=0, le=1 << 40, description="Seq behind which to begin."),
) -> Reply:
    """Events in the order in which they were retained."""
    begin = place_of(cursor, "after")[0] if cursor else after
    found = memory.bank(bank).events(session, limit=limit, after=begin)
    following = cursor_of(after=found[-1].seq) if len(found) == limit else None
    return Reply({"events": [event.to_json() for event in found], "next": following})


@router.get("/banks/{bank}/events/{event}", response_model=EventOut)
def event(bank: BankName, event: EventId, memory: Guarded) -> Reply:
    """An event."""
    return Reply(memory.bank(bank).event(event).to_json())


@router.post("/banks/{bank}/sessions/close", response_model=WrittenOut, dependencies=[Writing])
def close_sessions(bank: BankName, memory: Guarded, once: AtMostOnce) -> Reply:
    """Form what still waits in every session, as if each were over."""
    return once(lambda: written(memory.bank(bank).close_sessions()))


@router.post("/banks/{bank}/form", response_class=Response, responses=told_as(WrittenOut))
async def form(request: Request, bank: BankName, memory: Guarded, body: FormIn | None = None) -> Response:
    """Form what waits and is whole. Broken off, the next request goes on where it was."""
    close = bool(body and body.close)

    def work(progress: Progress) -> dict[str, Any]:
        return written(memory.bank(bank).form(close=close, on_progress=progress))

    return await streamed(request, work)
