"""MCP over streamable HTTP, at ``/mcp`` of the application: stateless, so that any process can answer any request.

The SDK is imported behind the start of the server, which does not wait for it; a request that comes earlier does.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Any

from fastapi import FastAPI, Request
from starlette.routing import Route
from starlette.types import ASGIApp, Receive, Scope, Send

from mnemic.guarded import GuardedMemory
from mnemic.memory import Memory
from mnemic.serve.who import acting_of, guarded

PATH = "/mcp"
#: Bytes that a request may have: a message of 1 MiB in JSON's longest spelling.
MAX_BODY = 8 << 20


class Endpoint:
    """The ASGI application behind ``/mcp``."""

    def __init__(self, memory: Memory) -> None:
        self.memory = memory
        self.ready = asyncio.Event()
        self.stopping = asyncio.Event()
        self.inner: ASGIApp | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request; raises Unauthenticated before anything of it is read."""
        acting_of(Request(scope))
        await self.ready.wait()
        assert self.inner is not None
        await self.inner(scope, receive, send)

    async def run(self) -> None:
        """Serve until told to stop."""
        manager = await asyncio.to_thread(self._manager)
        async with manager.run():
            self.inner = manager.asgi_app
            self.ready.set()
            await self.stopping.wait()

    def _manager(self) -> Any:
        from mcp.server.streamable_http_manager import StreamableHTTPSessionManager

        from mnemic.serve.mcp.desk import Desk
        from mnemic.serve.mcp.server import create_server

        server = create_server(Desk(_sender, self.memory.settings.bank))
        return StreamableHTTPSessionManager(
            server._lowlevel_server, json_response=True, stateless=True, max_request_body_size=MAX_BODY
        )


def _sender(context: Any) -> GuardedMemory:
    return guarded(context.request_context.request)


def mount_on(app: FastAPI, memory: Memory) -> AbstractAsyncContextManager[None]:
    """Add the route; what is given back runs it while the application runs."""
    endpoint = Endpoint(memory)
    app.router.routes.append(Route(PATH, endpoint=endpoint, include_in_schema=False))

    @asynccontextmanager
    async def running() -> AsyncIterator[None]:
        task = asyncio.create_task(endpoint.run())
        try:
            yield
        finally:
            endpoint.stopping.set()
            await task

    return running()
