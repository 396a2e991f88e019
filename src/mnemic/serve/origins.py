"""Web pages of others: a browser on this machine must not be made to use the server for a page from elsewhere.

A page may send requests to any address, and may have its own name point to 127.0.0.1. So a change is taken only from
the server's own pages and from origins that are configured; and where no keys are asked for, only under a name of
this machine.
"""

from __future__ import annotations

from collections.abc import Collection
from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

from mnemic.serve.problems import problem

#: What this machine is called by itself.
LOCAL_NAMES = frozenset({"localhost", "127.0.0.1", "::1"})
_SAFE = frozenset({"GET", "HEAD", "OPTIONS"})


def host_of(header: str) -> str:
    """The name in a ``Host`` header, without its port.

    >>> host_of("localhost:8420"), host_of("[::1]:8420"), host_of("evil.example")
    ('localhost', '::1', 'evil.example')
    """
    try:
        return urlsplit(f"//{header}").hostname or ""
    except ValueError:
        return ""


class Origins:
    """Middleware that refuses what a page from elsewhere would have done. ``names`` None admits any name."""

    def __init__(self, app: ASGIApp, *, allowed: Collection[str], names: Collection[str] | None) -> None:
        self._app = app
        self._allowed = frozenset(allowed)
        self._names = names

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, or refuse it."""
        if scope["type"] == "http" and (why := self._refused(scope)):
            title = "The request comes from a page of another site"
            await problem(403, "foreign-origin", title, why)(scope, receive, send)
            return
        await self._app(scope, receive, send)

    def _refused(self, scope: Scope) -> str:
        headers = Headers(scope=scope)
        host = headers.get("host", "")
        if self._names is not None and host_of(host) not in self._names:
            return "host: the server asks for no keys, and answers only to names of this machine; use 127.0.0.1"
        origin = headers.get("origin")
        if origin is None or scope["method"] in _SAFE or origin in self._allowed:
            return ""
        if urlsplit(origin).netloc == host:
            return ""
        return "origin: pages of other sites may not change anything; name them in serve_origins if they may"
