"""The web application: one memory behind HTTP, with the dashboard and MCP beside it.

A package beside this file that has a function ``mount(app, memory)`` is mounted. What ``mount`` gives back, if
anything, is an asynchronous context manager that is entered when the application starts and left when it stops.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Collection
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from importlib import import_module
from typing import Any

from anyio import to_thread
from fastapi import FastAPI
from starlette.middleware.cors import CORSMiddleware
from starlette.middleware.gzip import GZipMiddleware

from mnemic import __version__
from mnemic.config import Settings
from mnemic.identifying import doorkeeper_of
from mnemic.memory import Memory
from mnemic.serve import problems
from mnemic.serve.describing import describe, operation_id
from mnemic.serve.exchange import Exchange
from mnemic.serve.limits import Limits, Shares
from mnemic.serve.methods import Heads, Methods
from mnemic.serve.once import Twins
from mnemic.serve.origins import Origins
from mnemic.serve.paths import PathsByParts
from mnemic.serve.queueing import WriteQueues
from mnemic.serve.routes import routers
from mnemic.serve.unpacking import Unpacked
from mnemic.serve.who import Identification

#: Packages beside this file that serve something of their own.
BESIDE = ("dashboard", "mcp")


def create_app(
    memory: Memory, *, identification: Identification | None = None, names: Collection[str] | None = None
) -> FastAPI:
    """The application that serves a memory; closing the memory is the caller's business.

    ``identification`` tells senders apart, without it their keys and tokens do. ``names`` are the hosts
    under which it answers, any when None. Limits are those of the memory's settings.

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
            to_thread.current_default_thread_limiter().total_tokens = memory.settings.serve_threads
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
        generate_unique_id_function=operation_id,
    )
    app.state.memory = memory
    app.state.identification = identification or Identification(doorkeeper=doorkeeper_of(memory))
    app.state.queues = WriteQueues()
    app.state.draining = False
    app.state.shares = Shares(memory.settings.serve_in_flight_each)
    app.state.twins = Twins()
    app.state.long_works = set()
    problems.install(app)
    describe(app)
    found = list(routers())
    app.state.methods = Methods(found)
    for prefix, router in found:
        app.include_router(router, prefix=prefix)
    for name in BESIDE:
        mount = getattr(import_module(f"mnemic.serve.{name}"), "mount", None)
        beside = mount(app, memory) if mount else None
        if beside is not None:
            entered.append(beside)
    _surround(app, memory.settings, names)
    return app


def _surround(app: FastAPI, settings: Settings, names: Collection[str] | None) -> None:
    # The last one added is the outermost.
    origins = [origin.strip() for origin in settings.serve_origins.split(",") if origin.strip()]
    app.add_middleware(PathsByParts)
    app.add_middleware(Unpacked, most=settings.serve_body_mb << 20)
    app.add_middleware(Origins, allowed=origins, names=names)
    app.add_middleware(
        Limits,
        body_bytes=settings.serve_body_mb << 20,
        in_flight=settings.serve_in_flight,
        timeout_s=settings.serve_timeout_s,
    )
    app.add_middleware(GZipMiddleware, minimum_size=1024, compresslevel=4)
    app.add_middleware(Heads)
    if origins:
        exposed = ("ETag", "X-Request-ID", "Retry-After", "Idempotent-Replayed")
        app.add_middleware(
            CORSMiddleware, allow_origins=origins, allow_methods=["*"], allow_headers=["*"], expose_headers=exposed
        )
    app.add_middleware(Exchange)
