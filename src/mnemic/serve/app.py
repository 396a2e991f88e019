"""The web application: one memory behind HTTP, with the dashboard and MCP beside it.

A package beside this file that has a function ``mount(app, memory)`` is mounted. What ``mount`` gives back, if
anything, is an asynchronous context manager that is entered when the application starts and left when it stops.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from importlib import import_module
from typing import Any

from fastapi import FastAPI

from mnemic import __version__
from mnemic.memory import Memory
from mnemic.serve import problems
from mnemic.serve.paths import PathsByParts
from mnemic.serve.queueing import WriteQueues
from mnemic.serve.routes import routers
from mnemic.serve.who import Identification

#: Packages beside this file that serve something of their own.
BESIDE = ("dashboard", "mcp")


def create_app(memory: Memory, *, identification: Identification | None = None) -> FastAPI:
    """The application that serves a memory; closing the memory is the caller's business.

    >>> import mnemic, tempfile
    >>> folder = tempfile.TemporaryDirectory()
    >>> memory = mnemic.open(folder.name + "/agent.db", embedder="hashing", reranker="overlap")
    >>> "/v1/banks/{bank}/recall" in create_app(memory).openapi()["paths"]
    True
    >>> memory.close(); folder.cleanup()
    """
    entered: list[AbstractAsyncContextManager[Any]] = []

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        async with AsyncExitStack() as stack:
            for beside in entered:
                await stack.enter_async_context(beside)
            yield
            app.state.draining = True

    app = FastAPI(
        title="mnemic",
        version=__version__,
        summary="The memory of AI agents.",
        docs_url=None,
        redoc_url=None,
        lifespan=lifespan,
    )
    app.state.memory = memory
    app.state.identification = identification or Identification()
    app.state.queues = WriteQueues()
    app.state.draining = False
    problems.install(app)
    for prefix, router in routers():
        app.include_router(router, prefix=prefix)
    for name in BESIDE:
        mount = getattr(import_module(f"mnemic.serve.{name}"), "mount", None)
        beside = mount(app, memory) if mount else None
        if beside is not None:
            entered.append(beside)
    app.add_middleware(PathsByParts)
    return app
