"""One exchange, from request to answer: its id, the headers that every answer bears, its line in the log, its figures.

Neither the log nor a figure ever holds content: no query string, no body, no name of a bank, only the route's template.
"""

from __future__ import annotations

import logging
import re
import time
import uuid
from typing import Any

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from mnemic.core import observing
from mnemic.serve.problems import of_defect

_LOG = logging.getLogger("mnemic.access")
_ID = re.compile(rb"[A-Za-z0-9_.:\-]{1,100}")
#: What an answer bears unless its route says otherwise: nothing of it is kept, framed, sniffed or run.
HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "Cross-Origin-Resource-Policy": "same-origin",
}


def request_id(scope: Scope) -> str:
    """The id of a request: the one that it brought, or a new one when that is none that a log could bear.

    >>> request_id({"headers": [(b"x-request-id", b"job-7")]})
    'job-7'
    >>> len(request_id({"headers": [(b"x-request-id", b"two words")]}))
    32
    """
    given = next((value for name, value in scope["headers"] if name == b"x-request-id"), b"")
    return given.decode() if _ID.fullmatch(given) else uuid.uuid4().hex


class Exchange:
    """Middleware around everything else; answers with a problem what nothing else has caught."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, and see its answer off."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        own, status, began = request_id(scope), 0, time.perf_counter()
        method = scope["method"] if scope["method"] in _METHODS else "other"
        carrier = {n.decode(): value.decode("latin-1") for n, value in scope["headers"] if n in _CARRIED}
        state: dict[str, Any] = scope.setdefault("state", {})
        state["request_id"] = own

        async def see_off(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                headers = MutableHeaders(scope=message)
                headers["X-Request-ID"] = own
                for name, value in HEADERS.items():
                    headers.setdefault(name, value)
            await send(message)

        with observing.request(method, carrier | {"request": own}) as answered:
            try:
                await self._app(scope, receive, see_off)
            except Exception as error:
                answer = of_defect(error)
                if status:
                    # Part of the answer is out: the connection is broken off, and whoever reads it sees that it is.
                    raise
                await answer(scope, receive, see_off)
            finally:
                route = getattr(scope.get("route"), "path", "") or "none"
                answered(route, status)
                said = {"request": own, "method": method, "route": route, "status": status, "who": state.get("who", "")}
                ms = round(1000 * (time.perf_counter() - began), 1)
                _LOG.info("request", extra={"fields": {**said, "ms": ms}})


#: Headers that say which trace a request belongs to.
_CARRIED = frozenset({b"traceparent", b"tracestate"})
_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
