"""Methods that every path takes: HEAD is a GET without its body, OPTIONS tells which others there are."""

from __future__ import annotations

from starlette.routing import Match
from starlette.types import ASGIApp, Message, Receive, Scope, Send

#: What is asked by GET there may never end.
_ENDLESS = "/mcp"


def allowed(scope: Scope) -> str:
    """The methods that a path takes, as the ``Allow`` header names them; empty when there is no such path."""
    taken: set[str] = set()
    for route in scope["app"].routes:
        if route.matches(scope)[0] is not Match.NONE:
            taken |= set(getattr(route, "methods", None) or ())
    if "GET" in taken:
        taken.add("HEAD")
    return ", ".join(sorted({*taken, "OPTIONS"})) if taken else ""


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
