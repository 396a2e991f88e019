"""Bodies that come compressed (``Content-Encoding: gzip``) are unpacked, and bounded by what they unpack to."""

from __future__ import annotations

import zlib

from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from mnemic.serve.problems import of_status

#: So much is unpacked at a time: a body of a kilobyte can hold a gigabyte of zeros.
_PIECE = 1 << 20
_GZIP = zlib.MAX_WBITS | 16


class Unpacked:
    """Middleware that unpacks bodies; ``most`` bytes may come out of one."""

    def __init__(self, app: ASGIApp, *, most: int) -> None:
        self._app = app
        self._most = most

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on with its body unpacked, or say that it cannot be."""
        if scope["type"] != "http" or (packed := packing(scope)) == "identity":
            await self._app(scope, receive, send)
            return
        if packed not in ("gzip", "x-gzip"):
            await of_status(415, "content-encoding: is not taken; send the body as it is, or by gzip")(
                scope, receive, send
            )
            return
        # What follows is of the body as it is unpacked, whose length nobody knows yet.
        scope["headers"] = [
            (name, value) for name, value in scope["headers"] if name not in (b"content-encoding", b"content-length")
        ]
        unpacking, got, ended = zlib.decompressobj(_GZIP), 0, False

        async def unpacked() -> Message:
            nonlocal got, ended
            if ended and not unpacking.unconsumed_tail:
                return await receive()
            data = unpacking.unconsumed_tail
            if not data:
                message = await receive()
                if message["type"] != "http.request":
                    return message
                data, ended = message.get("body", b""), not message.get("more_body", False)
            try:
                body = unpacking.decompress(data, _PIECE)
            except zlib.error:
                raise HTTPException(400, "body: is not packed by gzip") from None
            got += len(body)
            if got > self._most:
                raise HTTPException(413, f"the body unpacks to more than {self._most:,} bytes; send it in parts")
            more = not ended or bool(unpacking.unconsumed_tail)
            if not more and not unpacking.eof and got:
                raise HTTPException(400, "body: ends before its end")
            return {"type": "http.request", "body": body, "more_body": more}

        await self._app(scope, unpacked, send)


def packing(scope: Scope) -> str:
    """How the body of a request is packed.

    >>> packing({"headers": [(b"content-encoding", b"GZip")]}), packing({"headers": []})
    ('gzip', 'identity')
    """
    return Headers(scope=scope).get("content-encoding", "identity").strip().lower()
