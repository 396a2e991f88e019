"""MCP over streamable HTTP: the application on a real socket, driven by the SDK's own client."""

from __future__ import annotations

import socket
import threading
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import anyio
import httpx
import pytest
import uvicorn
from mcp import Client
from mcp.client.streamable_http import streamable_http_client

import mnemic
from mnemic.core.errors import Unauthenticated
from mnemic.serve.app import create_app
from mnemic.serve.who import Identification

from .test_mcp_stdio import done, refused


@contextmanager
def served(folder: Path, identification: Identification | None = None) -> Iterator[str]:
    """The address of an application that serves a store in a folder."""
    with mnemic.open(folder / "agent.db", embedder="hashing", reranker="overlap") as memory:
        memory.bank("default")
        app = create_app(memory, identification=identification)
        listening = socket.create_server(("127.0.0.1", 0))
        server = uvicorn.Server(uvicorn.Config(app, log_level="error"))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
        thread.start()
        try:
            yield f"http://127.0.0.1:{listening.getsockname()[1]}"
        finally:
            server.should_exit = True
            thread.join(30)
            listening.close()


def run(url: str, use: Callable[[Client], Awaitable[None]], *, mode: str = "auto") -> None:
    async def main() -> None:
        async with Client(f"{url}/mcp", mode=mode) as client:
            await use(client)

    anyio.run(main)


@pytest.mark.parametrize("mode", ["auto", "legacy"])
def test_tools_and_resources_over_http(tmp_path: Path, mode: str) -> None:
    async def use(client: Client) -> None:
        made = await done(client, "retain", messages=[{"text": "We moved to Lisbon.", "speaker": "Anna"}])
        assert len(made["records"]) == 1
        assert "Lisbon" in (await done(client, "recall", question="Where does Anna live?"))["memory"]
        assert "did you mean" in await refused(client, "recall", qestion="x")
        assert "at most" in (await refused(client, "retain", messages=[{"text": "x" * (2 << 20)}]))
        assert (await client.read_resource("mnemic://banks/default/summary")).contents

    with served(tmp_path) as url:
        run(url, use, mode=mode)


def test_two_clients_at_once(tmp_path: Path) -> None:
    async def main(url: str) -> None:
        async def write(name: str) -> None:
            async with Client(f"{url}/mcp") as client:
                for i in range(10):
                    await done(client, "retain", messages=[{"text": f"{name} has seen {i} ships.", "id": f"{name}{i}"}])

        async with anyio.create_task_group() as group:
            group.start_soon(write, "Anna")
            group.start_soon(write, "Ben")
        async with Client(f"{url}/mcp") as client:
            assert len((await done(client, "list", limit=100))["records"]) == 20

    with served(tmp_path) as url:
        anyio.run(main, url)


def test_each_request_is_its_senders(tmp_path: Path) -> None:
    def known(credential: str) -> str:
        if credential != "good":
            raise Unauthenticated("authorization: this key or token is unknown")
        return "local"

    async def main(url: str) -> None:
        headers = {"Authorization": "Bearer good"}
        async with (
            httpx2_client(headers) as http,
            Client(streamable_http_client(f"{url}/mcp", http_client=http)) as client,
        ):
            assert (await done(client, "banks"))["banks"]

    with served(tmp_path, Identification(known)) as url:
        body: dict[str, Any] = {"jsonrpc": "2.0", "id": 1, "method": "ping"}
        for headers in ({}, {"Authorization": "Bearer bad"}):
            answer = httpx.post(f"{url}/mcp", json=body, headers=headers)
            assert answer.status_code == 401
            assert "Traceback" not in answer.text
        anyio.run(main, url)


def httpx2_client(headers: dict[str, str]) -> Any:
    """The HTTP client that the SDK uses, with headers of its own."""
    from mcp.shared._httpx_utils import create_mcp_http_client

    return create_mcp_http_client(headers=headers)
