"""What `mcp install` prints parses, keeps what was there, and starts."""

from __future__ import annotations

import json
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest

from mnemic.core.errors import BadInput
from mnemic.serve.mcp.clients import CLIENTS, Client, client_named
from mnemic.serve.mcp.installing import command_line, install


def parsed(client: Client, text: str) -> Any:
    """What a client reads."""
    if client.form == "toml":
        return tomllib.loads(text)
    if client.form == "yaml":
        return pytest.importorskip("yaml").safe_load(text)
    return json.loads(text)


@pytest.mark.parametrize("client", CLIENTS, ids=lambda client: client.name)
def test_the_configuration_parses_and_its_command_starts(client: Client, tmp_path: Path) -> None:
    command = command_line(str(tmp_path / "my store" / "agent.db"), "anna")
    entry = parsed(client, client.text(command))[client.key]["mnemic"]
    assert [entry.get("command") or entry["cmd"], *entry["args"]] == command
    assert Path(command[0]).is_absolute()
    assert client.path().is_absolute()


def test_the_command_serves(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "mnemic.cli", *command_line(str(tmp_path / "agent.db"), None)[-3:]]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=tmp_path) as server:
        assert server.stdin
        assert server.stdout
        server.stdin.write('{"jsonrpc": "2.0", "id": 1, "method": "ping"}\n')
        server.stdin.flush()
        assert json.loads(server.stdout.readline())["result"] == {}
        server.stdin.close()
        assert server.wait(30) == 0


@pytest.mark.parametrize("name", ["cursor", "vscode", "zed", "claude-code"])
def test_what_was_there_stays(name: str, tmp_path: Path) -> None:
    client, path = client_named(name), tmp_path / "config.json"
    before = {client.key: {"other": {"command": "x"}}, "theme": "dark", "ü": [1]}
    path.write_text(json.dumps(before), "utf-8")
    kept = install(client, ["mnemic", "mcp"], path)
    assert kept is not None
    assert json.loads(kept.read_text("utf-8")) == before
    after = json.loads(path.read_text("utf-8"))
    assert after[client.key].pop("mnemic")["args"] == ["mcp"]
    assert after == before
    install(client, ["mnemic", "mcp", "--bank", "anna"], path)
    assert json.loads(path.read_text("utf-8"))[client.key]["mnemic"]["args"] == ["mcp", "--bank", "anna"]


def test_toml_keeps_its_comments_and_order(tmp_path: Path) -> None:
    codex, path = client_named("codex"), tmp_path / "config.toml"
    before = '# mine\nmodel = "m"\n\n[mcp_servers.other]\ncommand = "x" # note\n'
    path.write_text(before, "utf-8")
    install(codex, ["mnemic", "mcp"], path)
    assert path.read_text("utf-8").startswith(before.rstrip())
    assert set(tomllib.loads(path.read_text("utf-8"))["mcp_servers"]) == {"other", "mnemic"}
    install(codex, ["mnemic", "mcp"], path)
    with pytest.raises(BadInput, match="another server"):
        install(codex, ["mnemic", "mcp", "--bank", "b"], path)


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("zed", '// comment\n{"a": 1}'), ("cursor", "[1]"), ("cursor", '{"mcpServers": 5}'), ("codex", "a = "),
        ("codex", 'mcp_servers = {other = {command = "x"}}'), ("goose", "extensions: {}\n"), ("cursor", "\udcff"),
    ],
)  # fmt: skip
def test_a_file_that_would_lose_something_is_left_alone(name: str, text: str, tmp_path: Path) -> None:
    path = tmp_path / "config"
    path.write_bytes(text.encode("utf-8", "surrogateescape"))
    before = path.read_bytes()
    with pytest.raises(BadInput, match="config"):
        install(client_named(name), ["mnemic", "mcp"], path)
    assert path.read_bytes() == before
    assert list(tmp_path.iterdir()) == [path]


def test_a_file_that_is_not_there_is_made(tmp_path: Path) -> None:
    for client in CLIENTS:
        path = tmp_path / client.name / "config"
        assert install(client, ["mnemic", "mcp"], path) is None
        assert "mnemic" in parsed(client, path.read_text("utf-8"))[client.key]
