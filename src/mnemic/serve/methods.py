"""Methods that every path takes: HEAD is a GET without its body, OPTIONS tells which others there are."""

from __future__ import annotations

import re
from collections.abc import Iterable

from fastapi import APIRouter
from starlette.routing import Route, compile_path
from starlette.types import ASGIApp, Message, Receive, Scope, Send

#: What is asked by GET there may never end.
_ENDLESS = "/mcp"


class Methods:
    """Which methods the paths of routers take.

    >>> router = APIRouter()
    >>> _ = router.get("/banks/{bank}")(lambda: None), router.put("/banks/{bank}")(lambda: None)
    >>> Methods([("/v1", router)]).of("/v1/banks/anna"), Methods([("/v1", router)]).of("/v1")
    ('GET, HEAD, OPTIONS, PUT', '')
    """

    def __init__(self, routers: Iterable[tuple[str, APIRouter]]) -> None:
        self._taken: list[tuple[re.Pattern[str], set[str]]] = [
            (compile_path(prefix + route.path)[0], set(route.methods or ()))
            for prefix, router in routers
            for route in router.routes
            if isinstance(route, Route)
        ]

    def of(self, path: str) -> str:
        """The methods of a path, as the ``Allow`` header names them; empty when there is no such path."""
        taken = {method for pattern, methods in self._taken if pattern.match(path) for method in methods}
        return ", ".join(sorted({*taken, "OPTIONS", *(("HEAD",) if "GET" in taken else ())})) if taken else ""


class Heads:
    """Middleware that answers HEAD as GET is answered, without the body."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on."""
        if scope["type"] != "http" or scope["method"] != "HEAD" or scope["path"].startswith(_ENDLESS):
            await self._app(scope, receive, send)
            return

        async def bare(message: Message) -> None:
            if message["type"] == "http.response.body":
                message = {**message, "body": b""}
            await send(message)

        scope["method"] = "GET"
        try:
            await self._app(scope, receive, bare)
        finally:
            # What is written down of the exchange is what was asked.
            scope["method"] = "HEAD"
