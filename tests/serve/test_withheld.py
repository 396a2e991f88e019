"""What policies withhold is counted in the same words over HTTP, MCP and the command line, and shown nowhere."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import anyio
import pytest
from fastapi.testclient import TestClient

import mnemic
from mnemic.cli.app import app as command_line
from mnemic.core.acting import Acting
from mnemic.governance.policies import Policy
from mnemic.memory import Memory

FOR = {"X-Mnemic-Recipient": "my landlord", "X-Mnemic-Purpose": "lease"}
COUNTED = ["1 record withheld by policy"]


def told(memory: Memory) -> None:
    """A bank in which one of two turns is nothing for a landlord."""
    owner = memory.acting(Acting())
    owner.bank("default", create=True).retain(
        [{"content": "The doctor saw my knee.", "labels": ["health"]}, {"content": "Rent is paid on Mondays."}]
    )
    rule = {"id": "rent", "labels": ["health"], "recipient": "*landlord*", "purpose": "lease", "flow": "withhold"}
    owner.set_policy(Policy.from_json({"name": "home", "rules": [rule]}))


def test_over_http(kept: Memory, http: TestClient) -> None:
    told(kept)
    asked = {"question": "What about the doctor and the rent?"}
    answer = http.post("/v1/banks/default/recall", json=asked, headers=FOR).json()
    assert answer["notes"] == COUNTED
    assert "knee" not in json.dumps(answer["text"])
    receipt = http.get(f"/v1/banks/default/receipts/{answer['receipt']}", headers=FOR).json()
    assert receipt["notes"] == COUNTED
    free = http.post("/v1/banks/default/recall", json=asked).json()
    assert "knee" in free["text"]
    assert free["notes"] == []


def test_over_mcp(tmp_path: Path) -> None:
    pytest.importorskip("mcp")
    from mcp import Client
    from mcp.client.streamable_http import streamable_http_client

    from .test_mcp_http import httpx2_client, served
    from .test_mcp_stdio import done

    with mnemic.open(tmp_path / "agent.db", embedder="hashing", reranker="overlap") as memory:
        told(memory)

    async def main(url: str) -> None:
        async with (
            httpx2_client(FOR) as client,
            Client(streamable_http_client(f"{url}/mcp", http_client=client)) as agent,
        ):
            recalled: dict[str, Any] = await done(agent, "recall", question="What about the doctor and the rent?")
            assert recalled["notes"] == COUNTED
            assert "knee" not in recalled["memory"]

    with served(tmp_path) as url:
        anyio.run(main, url)


def test_on_the_command_line(tmp_path: Path) -> None:
    from typer.testing import CliRunner

    with mnemic.open(tmp_path / "agent.db", embedder="hashing", reranker="overlap") as memory:
        told(memory)
    quick = {"MNEMIC_EMBEDDER": "hashing", "MNEMIC_RERANKER": "overlap"}
    for command in ("recall", "answer"):
        arguments = [command, "What about the doctor and the rent?", "--store", str(tmp_path / "agent.db"), "--json"]
        ran = CliRunner().invoke(
            command_line, [*arguments, "--recipient", "my landlord", "--purpose", "lease"], env=quick
        )
        found = json.loads(ran.stdout)
        assert (found if command == "recall" else found["context"])["notes"] == COUNTED
        assert "knee" not in ran.stdout
        assert "knee" in CliRunner().invoke(command_line, arguments, env=quick).stdout
