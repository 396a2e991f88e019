"""MCP over standard input and output: one process for one client, who is the owner of the process or holds a key.

Models load once client and server have greeted each other, so that neither that nor the first recall waits for them.
"""

from __future__ import annotations

import contextlib
import sys
import threading

from mnemic.core.errors import MnemicError
from mnemic.memory import Memory
from mnemic.models.extras import require

#: Seconds after which models are loaded, if no request has asked for them before.
GREETING_S = 0.3
#: Seconds that a job under way gets when the client leaves; one that is broken off waits in the store.
STOPPING_S = 10


def serve_stdio(memory: Memory, *, key: str = "", bank: str | None = None) -> None:
    """Serve until the client closes its end.

    ``key`` says who asks, the owner of the process without it; ``bank`` is the only bank that can be reached, all are
    without it. Raises ModelUnavailable when the SDK is not installed, Unauthenticated when the key is none.
    """
    require("mcp", "serve")
    from mnemic.serve.mcp.desk import Desk
    from mnemic.serve.mcp.identity import process_door
    from mnemic.serve.mcp.server import create_server

    door = process_door(memory, key)
    desk = Desk(door, bank or memory.settings.bank, pinned=bank is not None)
    if not key:
        # The owner's first recall finds an empty bank rather than none.
        memory.bank(desk.default)
    # Nothing but the protocol may reach standard output; the SDK takes it over from here on.
    sys.stdout.flush()
    loading = threading.Timer(GREETING_S, _load, (memory,))
    loading.daemon = True
    loading.start()
    server = create_server(desk)
    if not memory.engine.models.answers:
        server.run("stdio")
        return
    # What is retained for a language model to form is formed beside the conversation, which never waits for it.
    from mnemic.jobs.worker import Worker

    worker = Worker(memory)
    working = threading.Thread(target=worker.run, daemon=True)
    working.start()
    try:
        server.run("stdio")
    finally:
        worker.stop()
        working.join(STOPPING_S)


def _load(memory: Memory) -> None:
    # Whoever needs a model that cannot be had is told so then.
    for load in (memory.engine.models.load_embedder, memory.engine.models.load_reranker):
        with contextlib.suppress(MnemicError):
            load()
