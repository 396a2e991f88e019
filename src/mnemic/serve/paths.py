"""Names in paths: a bank may be called ``a/b``, and is then written ``a%2Fb``.

Servers decode a path as a whole, after which nobody can tell that slash from one between two names. Here each part is
decoded on its own, and only slashes and percent signs within a name stay encoded until the route reads it.
"""

from __future__ import annotations

from urllib.parse import unquote_to_bytes

from starlette.types import ASGIApp, Receive, Scope, Send

from mnemic.serve.problems import of_status


def by_parts(raw: bytes) -> str | None:
    """A raw path with its parts decoded one by one; None when a part is no UTF-8.

    >>> by_parts(b"/v1/banks/a%2Fb/%C3%A9t%C3%A9"), by_parts(b"/%FF")
    ('/v1/banks/a%2Fb/été', None)
    """
    try:
        parts = [unquote_to_bytes(part).decode("utf-8") for part in raw.split(b"/")]
    except UnicodeDecodeError:
        return None
    return "/".join(part.replace("%", "%25").replace("/", "%2F") for part in parts)


class PathsByParts:
    """Middleware that gives routes the path decoded by its parts."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on with its path rewritten."""
        raw = scope.get("raw_path")
        if scope["type"] == "http" and raw and b"%" in raw:
            path = by_parts(raw.partition(b"?")[0])
            if path is None:
                await of_status(400, "path: holds bytes that are no UTF-8; encode names as UTF-8")(scope, receive, send)
                return
            # In place: what the router notes of the route is read by the middleware outside of this one.
            scope["path"] = path
        await self._app(scope, receive, send)
