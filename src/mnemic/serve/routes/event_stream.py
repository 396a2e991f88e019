"""Many events at once, one JSON message a line: taken in batch by batch, each committed before the next is read."""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import Iterator
from typing import IO, Annotated, Any

from fastapi import APIRouter, Query, Request
from pydantic import ValidationError
from starlette.responses import Response

from mnemic.core.errors import BadInput
from mnemic.engine.intake import Written
from mnemic.serve.once import AtMostOnce, Once
from mnemic.serve.parameters import BankName
from mnemic.serve.queueing import WriteQueues
from mnemic.serve.routes.events import message_of
from mnemic.serve.schemas.events import Message, StreamedIn
from mnemic.serve.shapes import written
from mnemic.serve.streaming import MEDIA, Progress, streamed, told_as
from mnemic.serve.who import Guarded

router = APIRouter(tags=["events"])
BATCH = 256
_LONGEST_LINE = 8 << 20
_IN_MEMORY = 1 << 20
_LINES = '{"role": "user", "content": "We moved to Lisbon last May."}\n{"role": "assistant", "content": "How is it?"}\n'


@router.post(
    "/banks/{bank}/events/stream",
    response_class=Response,
    responses=told_as(StreamedIn),
    openapi_extra={
        "requestBody": {"required": False, "content": {MEDIA: {"schema": {"type": "string"}, "example": _LINES}}}
    },
)
async def retain_stream(
    request: Request,
    bank: BankName,
    memory: Guarded,
    once: AtMostOnce,
    session: Annotated[str | None, Query(max_length=1000, description="Session of those that do not say one.")] = None,
    close: Annotated[bool, Query(description="Whether the sessions are over.")] = False,
) -> Response:
    """Retain messages, one JSON object a line. Each line of progress says how many are committed.

    A line that cannot be taken ends it; what was committed before stays. Sent again, messages with an ``id``, or under
    the same ``Idempotency-Key``, are skipped.
    """
    loop, queues = asyncio.get_running_loop(), _queues(request)
    body = tempfile.SpooledTemporaryFile(max_size=_IN_MEMORY)  # noqa: SIM115 (closed by the work)
    async for piece in request.stream():
        body.write(piece)
    body.seek(0)

    def work(progress: Progress) -> dict[str, Any]:
        done, total = 0, Written()
        with body:
            opened = memory.bank(bank, create=True)
            for batch in _batches(body, once):
                with queues.turn_in_thread(bank, loop):
                    total += opened.retain(batch, session=session)
                done += len(batch)
                progress(done, 0)
            if close:
                with queues.turn_in_thread(bank, loop):
                    total += opened.close_sessions()
        return written(total) | {"messages": done}

    return await streamed(request, work)


def _queues(request: Request) -> WriteQueues:
    queues: WriteQueues = request.app.state.queues
    return queues


def _batches(body: IO[bytes], once: Once) -> Iterator[list[str | dict[str, Any]]]:
    batch: list[str | dict[str, Any]] = []
    number = 0
    while line := body.readline(_LONGEST_LINE + 1):
        number += 1
        if len(line) > _LONGEST_LINE:
            raise BadInput(f"line {number}: is longer than {_LONGEST_LINE:,} bytes; split it")
        if not line.strip():
            continue
        try:
            message = message_of(Message.model_validate_json(line))
        except ValidationError as error:
            first = error.errors()[0]
            where = ".".join(str(step) for step in first["loc"])
            raise BadInput(f"line {number}: {where + ': ' if where else ''}{first['msg']}") from None
        if isinstance(message, dict) and once.key:
            message.setdefault("id", once.event_id(number))
        batch.append(message)
        if len(batch) == BATCH:
            yield batch
            batch = []
    if batch:
        yield batch
