"""Long work, told line by line (NDJSON): ``{"progress": {...}}`` while it goes on, at last ``{"result": {...}}``.

Work that fails at once is a plain problem with its status; later the last line is ``{"problem": {...}}``. When the
client goes away the work is stopped at its next step: a job that can be taken up again is, by the next request.
"""

from __future__ import annotations

import asyncio
import contextvars
import threading
import time
from collections.abc import AsyncIterator, Callable, Mapping
from typing import Any

from fastapi import Request
from pydantic_core import from_json, to_json
from starlette.responses import Response, StreamingResponse

from mnemic.core.errors import MnemicError
from mnemic.serve.problems import TooManyRequests, of_defect, of_error
from mnemic.serve.schemas.base import Told

MEDIA = "application/x-ndjson"
#: Seconds between two lines of progress, and after which an answer begins although nothing is known yet.
_BETWEEN_S, _PATIENCE_S = 0.25, 1.0
#: Long works at a time.
_MOST = 4
Progress = Callable[[int, int], None]
Work = Callable[[Progress], Mapping[str, Any]]


def told_as(result: type[Told]) -> dict[int | str, dict[str, Any]]:
    """What a route that answers so declares as its ``responses``; the last line's result has the given shape."""
    shape = result.model_json_schema()
    lines = ({"progress": {"done": 120, "total": 500}}, {"result": shape["examples"][0]})
    schema = {"type": "string", "description": "A line: progress, or at last the result or a problem."}
    example = "".join(to_json(line).decode() + "\n" for line in lines)
    told = f"Lines of progress, and the result as the last one: {' '.join(str(result.__doc__).split())}"
    return {200: {"description": told, "content": {MEDIA: {"schema": schema, "example": example}}}}


class Stopped(Exception):
    """Nobody waits for the work any more."""


async def streamed(request: Request, work: Work) -> Response:
    """Do long work in a thread of its own, and tell its progress; ``work`` calls what it is given between steps."""
    running: set[threading.Thread] = request.app.state.long_works
    if len(running) >= _MOST:
        raise TooManyRequests(f"the server does {_MOST} long works already; try again later")
    loop, lines = asyncio.get_running_loop(), asyncio.Queue[dict[str, Any] | Response]()
    gone, last = threading.Event(), 0.0

    def tell(line: dict[str, Any] | Response) -> None:
        loop.call_soon_threadsafe(lines.put_nowait, line)

    def progress(done: int, total: int) -> None:
        nonlocal last
        if gone.is_set():
            raise Stopped
        if time.monotonic() - last >= _BETWEEN_S:
            last = time.monotonic()
            tell({"progress": {"done": done, "total": total}})

    def run() -> None:
        try:
            tell({"result": dict(work(progress))})
        except Stopped:
            pass
        except MnemicError as error:
            tell(of_error(error))
        except Exception as error:
            tell(of_defect(error))
        finally:
            running.discard(thread)

    # The trace of the request goes on in the thread.
    within = contextvars.copy_context()
    thread = threading.Thread(target=lambda: within.run(run), name="mnemic-long-work", daemon=True)
    running.add(thread)
    thread.start()
    try:
        first = await asyncio.wait_for(lines.get(), _PATIENCE_S)
    except TimeoutError:
        first = {"progress": {"done": 0, "total": 0}}
    except asyncio.CancelledError:
        gone.set()
        raise
    if isinstance(first, Response):
        return first

    async def told() -> AsyncIterator[bytes]:
        line: dict[str, Any] | Response = first
        try:
            while True:
                if isinstance(line, Response):
                    line = {"problem": from_json(bytes(line.body))}
                yield to_json(line) + b"\n"
                if "progress" not in line:
                    return
                line = await lines.get()
        finally:
            gone.set()

    # Compressed, the lines would wait for one another.
    return StreamingResponse(told(), media_type=MEDIA, headers={"Content-Encoding": "identity"})
