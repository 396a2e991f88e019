"""Merges the server into a configuration of a client: all else stays as it is, and the former file is kept beside."""

from __future__ import annotations

import json
import os
import shutil
import sys
import tomllib
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from mnemic.core.errors import BadInput
from mnemic.serve.mcp.clients import NAME, Client


def command_line(store: str, bank: str | None) -> list[str]:
    """The command that a client is to start; with full paths, since it starts elsewhere.

    >>> command_line("agent.db", "anna")[-5:-2], command_line("agent.db", "anna")[-2:]
    (['mcp', '--store', '.../agent.db'], ['--bank', 'anna'])
    """
    found = shutil.which("mnemic")
    program = [str(Path(found).absolute())] if found else [sys.executable, "-m", "mnemic.cli"]
    folder = "/" if store.endswith(("/", "\\")) else ""
    place = store if "://" in store else str(Path(store).expanduser().absolute()) + folder
    return [*program, "mcp", "--store", place, *(["--bank", bank] if bank is not None else [])]


def install(client: Client, command: Sequence[str], path: Path | None = None) -> Path | None:
    """Write the server into the client's file; gives where the former file is kept, None where there was none.

    Raises BadInput for a file that cannot be merged into without losing something; nothing is written then.
    """
    path = path or client.path()
    try:
        before = path.read_text("utf-8") if path.exists() else ""
    except (OSError, UnicodeDecodeError) as error:
        raise BadInput(f"{path}: cannot be read ({error})") from None
    after = _merged(client, command, before, path)
    kept = None
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        if before:
            kept = path.with_name(f"{path.name}.{datetime.now(UTC):%Y%m%dT%H%M%S%f}.bak")
            shutil.copy2(path, kept)
        new = path.with_name(f".{path.name}.{os.getpid()}.new")
        new.write_text(after, "utf-8")
        if before:
            shutil.copymode(path, new)
        # A link to a file that is kept elsewhere stays a link.
        new.replace(path.resolve())
    except OSError as error:
        raise BadInput(f"{path}: cannot be written ({error.strerror}); print it without --write and paste it") from None
    return kept


def _merged(client: Client, command: Sequence[str], before: str, path: Path) -> str:
    by_hand = "print it without --write and paste it"
    if client.form == "yaml":
        if before.strip():
            raise BadInput(f"{path}: YAML with comments is not merged into; {by_hand}")
        return client.text(command)
    if client.form == "toml":
        try:
            there = tomllib.loads(before)
        except tomllib.TOMLDecodeError as error:
            raise BadInput(f"{path}: is no valid TOML ({error}); correct it, or {by_hand}") from None
        if NAME in there.get(client.key, {}):
            if there[client.key][NAME] == client.entry(command):
                return before
            raise BadInput(f"{path}: holds another server {NAME!r} already; take [{client.key}.{NAME}] out of it first")
        # Appended, so that comments and order stay.
        after = f"{before.rstrip()}\n\n{client.text(command)}" if before.strip() else client.text(command)
        try:
            tomllib.loads(after)
        except tomllib.TOMLDecodeError:
            raise BadInput(f"{path}: keeps its servers in a form that cannot be added to; {by_hand}") from None
        return after
    try:
        data = json.loads(before) if before.strip() else {}
    except ValueError as error:
        raise BadInput(f"{path}: is no plain JSON ({error}); comments would be lost, so {by_hand}") from None
    servers = data.setdefault(client.key, {}) if isinstance(data, dict) else None
    if not isinstance(servers, dict):
        raise BadInput(f"{path}: its {client.key} is no object; correct it, or {by_hand}")
    servers[NAME] = {**servers.get(NAME, {}), **client.entry(command)}
    return json.dumps(data, indent=2, ensure_ascii=False) + "\n"
