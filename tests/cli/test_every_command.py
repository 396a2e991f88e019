"""What holds for every command: its help, its JSON, its common options, its errors."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import typer

from mnemic.cli.app import app

from .conftest import Command


def _commands(group: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    for name, found in group.commands.items():
        if hasattr(found, "commands"):
            yield from _commands(found, (*path, name))
        if not hasattr(found, "commands") or found.invoke_without_command:
            yield (*path, name)


COMMANDS = list(_commands(typer.main.get_command(app)))


@pytest.mark.parametrize("path", COMMANDS, ids=" ".join)
def test_it_has_help_with_the_common_options(path: tuple[str, ...], mnemic: Command) -> None:
    ran = mnemic(*path, "--help")
    assert ran.code == 0
    for option in ("--store", "--bank", "--json", "--help"):
        assert option in ran.out


def test_all_that_the_docs_promise_is_there() -> None:
    promised = """demo doctor retain recall answer why consolidate reflect list show history stats banks receipts
        update delete restore feedback log diff branch rollback export import reembed switch backup migrate worker jobs
        serve bench mcp hook keys grants policies audit erase erasures vault
        quarantine servers recipes tasks""".split()
    assert {path[0] for path in COMMANDS} == set(promised)
    assert {path for path in COMMANDS if len(path) > 1} == {
        *(("keys", verb) for verb in ("create", "list", "revoke")),
        *(("grants", verb) for verb in ("give", "list", "take")),
        *(("policies", verb) for verb in ("set", "list", "drop")),
        *(("audit", verb) for verb in ("show", "verify", "export")),
        *(("vault", verb) for verb in ("forget", "init", "list", "reveal", "rotate")),
        *(("quarantine", verb) for verb in ("list", "release", "reject")),
        *(("servers", verb) for verb in ("add", "list")),
        *(("banks", verb) for verb in ("create", "move", "seal", "unseal")),
        *(("erasures", verb) for verb in ("list", "show", "verify")),
        ("recipes", "show"),
        ("recipes", "diff"),
        ("tasks", "show"),
        ("mcp", "install"),
    }


@pytest.mark.parametrize(
    "command", ["list", "history", "receipts", "banks", "log", "recipes", "doctor", "recipes --stages", "tasks"]
)
def test_lists_come_under_one_plural_key(command: str, mnemic: Command, record: str) -> None:
    mnemic("recall", "Where?")
    arguments = [*command.split(), *([record] if command == "history" else [])]
    data = mnemic(*arguments, "--json").json
    (key,) = data
    assert key.endswith("s")
    assert isinstance(data[key], list)
    assert data[key]


def test_no_arguments_is_help(mnemic: Command) -> None:
    ran = mnemic()
    assert ran.code == 0
    assert "Start here:" in ran.out
    assert ran.out == mnemic("--help").out


def test_the_version(mnemic: Command) -> None:
    import mnemic as package

    assert mnemic("--version").out == f"mnemic {package.__version__}\n"


@pytest.mark.parametrize("module", ["rich", "numpy", "onnxruntime", "sqlite3", "mnemic.bank", "mnemic.core.record"])
def test_help_imports_nothing_that_takes_time(module: str) -> None:
    script = "import sys, mnemic.cli.app as a\ntry: a.app(['--help'])\nexcept SystemExit: pass\n"
    script += f"sys.exit({module!r} in sys.modules)"
    assert subprocess.run([sys.executable, "-c", script], capture_output=True, check=False).returncode == 0


def test_store_and_bank_win_over_variables_and_those_over_the_file(mnemic: Command, chat: Path) -> None:
    Path("mnemic.toml").write_text('store = "file.db"\nbank = "file"\n', "utf-8")
    assert mnemic("retain", str(chat), "--json").json["bank"] == "file"
    assert mnemic("retain", str(chat), "--json", env={"MNEMIC_BANK": "variable"}).json["bank"] == "variable"
    options = ("--store", "option.db", "--bank", "option")
    assert mnemic("retain", str(chat), "--json", *options, env={"MNEMIC_STORE": "other.db"}).json["bank"] == "option"
    assert {path.name for path in Path().glob("*.db")} == {"file.db", "option.db"}


def test_a_folder_is_a_store(mnemic: Command, chat: Path) -> None:
    for bank in ("anna", "ben"):
        assert mnemic("retain", str(chat), "--store", "banks/", "--bank", bank).code == 0
    assert [row["bank"] for row in mnemic("banks", "--store", "banks/", "--json").json["banks"]] == ["anna", "ben"]


def test_pipes_get_plain_text(process: Command, chat: Path) -> None:
    for arguments in (["retain", str(chat)], ["list"], ["recall", "Lisbon?"], ["stats"], ["recipes"], ["doctor"]):
        ran = process(*arguments)
        assert ran.code == 0, ran.err
        assert "\x1b" not in ran.out + ran.err
        assert not ran.err


def test_remembered_text_cannot_steer_a_terminal(mnemic: Command) -> None:
    line = json.dumps({"role": "user", "at": "2026-01-01", "content": "red \x1b[31malert\x07"})
    assert mnemic("retain", "-", input=line).code == 0
    for arguments in (["list"], ["recall", "alert"], ["log"]):
        out = mnemic(*arguments).out
        assert "\\x1b[31malert" in out
        assert "\x1b" not in out
