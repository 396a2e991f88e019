"""A memory behind HTTP, in this process and on a real socket."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import uvicorn
from fastapi.testclient import TestClient

import mnemic
from mnemic.memory import Memory
from mnemic.serve.app import create_app


@pytest.fixture
def kept(tmp_path: Path) -> Iterator[Memory]:
    """A memory in a file, with stand-ins for models."""
    with mnemic.open(tmp_path / "agent.db", embedder="hashing", reranker="overlap") as memory:
        yield memory


@pytest.fixture
def http(kept: Memory) -> Iterator[TestClient]:
    """A client of the application, in this process."""
    with TestClient(create_app(kept), raise_server_exceptions=False) as client:
        yield client


@pytest.fixture
def anna(http: TestClient) -> TestClient:
    """The client, with a bank that holds two messages."""
    messages = [
        {"id": "e1", "role": "user", "actor": "Anna", "content": "We moved to Lisbon last May."},
        {"id": "e2", "role": "user", "actor": "Anna", "content": "I drink my coffee on the balcony."},
    ]
    done = http.post("/v1/banks/anna/events", json={"messages": messages, "session": "s1", "at": "2026-06-02"})
    assert done.status_code == 200, done.text
    return http


@pytest.fixture
def listening() -> Iterator[Callable[[Any], str]]:
    """Serves an application on a real socket, and gives its address."""
    servers: list[tuple[uvicorn.Server, threading.Thread, socket.socket]] = []

    def serve(app: Any) -> str:
        bound = socket.socket()
        bound.bind(("127.0.0.1", 0))
        bound.listen(2048)
        server = uvicorn.Server(uvicorn.Config(app, log_config=None, access_log=False, ws="none"))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [bound]}, daemon=True)
        thread.start()
        while not server.started:
            time.sleep(0.01)
        servers.append((server, thread, bound))
        return f"http://127.0.0.1:{bound.getsockname()[1]}"

    yield serve
    for server, thread, bound in servers:
        server.should_exit = True
        thread.join(30)
        bound.close()
