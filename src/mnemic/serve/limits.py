"""Limits on requests: how large, how many at a time, how long; what is over them is told so, and costs nothing."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager

from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from mnemic.serve.problems import TooManyRequests, of_status

#: Ends of paths whose bodies are read piece by piece onto the disk: they may be a hundred times as large.
STREAMED_IN = ("/events/stream", "/v1/import")
#: Ends of paths whose answers take as long as they take.
UNHURRIED = (*STREAMED_IN, "/export", "/reembed", "/switch", "/branch", "/erasure", "/trial")
_LARGER = 100
#: Asked by those who watch the process: never turned away.
_ALWAYS = ("/health", "/ready", "/metrics")


class Limits:
    """Middleware that bounds the bodies, the number and the duration of requests."""

    def __init__(self, app: ASGIApp, *, body_bytes: int, in_flight: int, timeout_s: float) -> None:
        self._app = app
        self._body_bytes = body_bytes
        self._most = in_flight
        self._timeout_s = timeout_s
        self._now = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, or tell why not."""
        if scope["type"] != "http" or scope["path"] in _ALWAYS:
            await self._app(scope, receive, send)
            return
        if self._now >= self._most:
            detail = f"the server works on {self._most} requests already; try again in a second"
            await of_status(503, detail)(scope, receive, send)
            return
        self._now += 1
        try:
            await self._bounded(scope, receive, send)
        finally:
            self._now -= 1

    async def _bounded(self, scope: Scope, receive: Receive, send: Send) -> None:
        path: str = scope["path"]
        most = self._body_bytes * (_LARGER if path.endswith(STREAMED_IN) else 1)
        told = f"the body is larger than {most:,} bytes, the most that is taken; send it in parts, or stream it"
        said = next((value for name, value in scope["headers"] if name == b"content-length"), b"0")
        if said.isdigit() and int(said) > most:
            await of_status(413, told, {"Connection": "close"})(scope, receive, send)
            return
        got, started, given_up = 0, False, False

        async def bounded_receive() -> Message:
            nonlocal got
            message = await receive()
            got += len(message.get("body", b""))
            if got > most:
                raise HTTPException(413, told)
            return message

        async def noted_send(message: Message) -> None:
            nonlocal started
            if given_up:
                return
            started = True
            await send(message)

        work = asyncio.ensure_future(self._app(scope, bounded_receive, noted_send))
        try:
            await asyncio.wait({work}, timeout=None if path.endswith(UNHURRIED) else self._timeout_s)
            if not work.done() and not started:
                # A thread cannot be stopped: what it does is done, and its answer is no longer awaited.
                detail = f"the request took longer than {self._timeout_s:g} s; what it changes may be changed yet"
                answer = of_status(503, detail)
                await answer(scope, receive, send)
                given_up = True
            await work
        except asyncio.CancelledError:
            work.cancel()
            raise


class Shares:
    """How many requests each sender has under way; none may have more than his share."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._now: Counter[str] = Counter()

    @contextmanager
    def taken(self, principal: str) -> Iterator[None]:
        """Hold one place of a sender; raises TooManyRequests when he has no more."""
        if self._now[principal] >= self._most:
            raise TooManyRequests(f"the sender has {self._most} requests under way already; try again in a second")
        self._now[principal] += 1
        try:
            yield
        finally:
            self._now[principal] -= 1
            if not self._now[principal]:
                del self._now[principal]
