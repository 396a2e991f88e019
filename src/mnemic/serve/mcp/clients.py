"""How desktop clients and coding agents are told of an MCP server: where each keeps its configuration, and how.

Sources: the clients' documentation of 2026 (Claude Desktop, Claude Code, Codex CLI, Cursor, VS Code, Windsurf, Zed,
Gemini CLI, Goose).
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import tomli_w

NAME = "mnemic"


@dataclass(frozen=True, slots=True)
class Client:
    """A client: its name, its file by platform (``linux`` for any other), the form, and the key that holds servers."""

    name: str
    title: str
    paths: Mapping[str, str]
    key: str = "mcpServers"
    form: Literal["json", "toml", "yaml"] = "json"
    typed: bool = False

    def path(self) -> Path:
        """The file on this machine."""
        found = self.paths.get(sys.platform, self.paths["linux"])
        return Path(os.path.expandvars(found)).expanduser()

    def entry(self, command: Sequence[str]) -> dict[str, Any]:
        """The server as this client writes it."""
        if self.form == "yaml":
            return {
                "name": NAME, "type": "stdio", "enabled": True, "cmd": command[0], "args": list(command[1:]),
                "timeout": 60,
            }  # fmt: skip
        typed = {"type": "stdio"} if self.typed else {}
        return {**typed, "command": command[0], "args": list(command[1:])}

    def text(self, command: Sequence[str]) -> str:
        """The configuration with this server alone, ready to be pasted.

        >>> print(client_named("codex").text(["mnemic", "mcp"]), end="")
        [mcp_servers.mnemic]
        command = "mnemic"
        args = [
            "mcp",
        ]
        """
        whole = {self.key: {NAME: self.entry(command)}}
        if self.form == "toml":
            return tomli_w.dumps(whole)
        if self.form == "yaml":
            # A JSON value is a YAML value, so that no library is needed to write one line.
            lines = [f"    {key}: {json.dumps(value)}" for key, value in self.entry(command).items()]
            return "\n".join([f"{self.key}:", f"  {NAME}:", *lines, ""])
        return json.dumps(whole, indent=2) + "\n"


def _config(folder: str, file: str) -> dict[str, str]:
    return {
        "darwin": f"~/Library/Application Support/{folder}/{file}",
        "win32": f"%APPDATA%/{folder}/{file}",
        "linux": f"~/.config/{folder}/{file}",
    }


CLIENTS: tuple[Client, ...] = (
    Client("claude-desktop", "Claude Desktop", _config("Claude", "claude_desktop_config.json")),
    Client("claude-code", "Claude Code", {"linux": "~/.claude.json"}, typed=True),
    Client("codex", "Codex CLI", {"linux": "~/.codex/config.toml"}, key="mcp_servers", form="toml"),
    Client("cursor", "Cursor", {"linux": "~/.cursor/mcp.json"}),
    Client("vscode", "VS Code", _config("Code/User", "mcp.json"), key="servers", typed=True),
    Client("windsurf", "Windsurf", {"linux": "~/.codeium/windsurf/mcp_config.json"}),
    Client(
        "zed", "Zed", {"linux": "~/.config/zed/settings.json", "win32": "%APPDATA%/Zed/settings.json"},
        key="context_servers",
    ),
    Client("gemini-cli", "Gemini CLI", {"linux": "~/.gemini/settings.json"}),
    Client(
        "goose", "Goose", {"linux": "~/.config/goose/config.yaml", "win32": "%APPDATA%/Block/goose/config/config.yaml"},
        key="extensions", form="yaml",
    ),
)  # fmt: skip


def client_named(name: str) -> Client:
    """A client by name; raises BadInput."""
    from mnemic.core.errors import BadInput

    found = next((client for client in CLIENTS if client.name == name), None)
    if found is None:
        raise BadInput(f"client: {name!r} is unknown; known are {', '.join(client.name for client in CLIENTS)}")
    return found
