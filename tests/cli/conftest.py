"""A command line that runs in a folder of its own, with models that need no weights."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from mnemic.cli.app import app

#: What a process may be told: everything of this machine but settings.
QUICK = {"MNEMIC_EMBEDDER": "hashing", "MNEMIC_RERANKER": "overlap"}
CHAT = [
    {
        "id": "m1",
        "role": "user",
        "actor": "Anna",
        "at": "2026-06-01T09:00:00Z",
        "content": "We moved to Lisbon in May.",
    },
    {"id": "m2", "role": "assistant", "at": "2026-06-01T09:00:20Z", "content": "How do you like it?"},
    {
        "id": "m3",
        "role": "user",
        "actor": "Anna",
        "at": "2026-06-02T09:00:00Z",
        "content": "I drink coffee on the balcony.",
    },
]


@dataclass(frozen=True)
class Ran:
    """What a command did."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """Its standard output, read as JSON."""
        return json.loads(self.out)


Command = Callable[..., Ran]


@pytest.fixture(autouse=True)
def _folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for name in os.environ:
        if name.startswith("MNEMIC_"):
            monkeypatch.delenv(name)
    for name, value in QUICK.items():
        monkeypatch.setenv(name, value)


@pytest.fixture
def mnemic() -> Command:
    """Runs a command in this process."""
    runner = CliRunner()

    def run(*arguments: str, input: str | bytes | None = None, env: dict[str, str] | None = None) -> Ran:
        result = runner.invoke(app, list(arguments), input=input, env=env)
        return Ran(result.exit_code, result.stdout, result.stderr)

    return run


@pytest.fixture
def process() -> Command:
    """Runs a command in a process of its own."""

    def run(*arguments: str, python: Sequence[str] = ("-m", "mnemic.cli"), **options: Any) -> Ran:
        done = subprocess.run(
            [sys.executable, *python, *arguments], capture_output=True, text=True, timeout=120, check=False, **options
        )
        return Ran(done.returncode, done.stdout, done.stderr)

    return run


@pytest.fixture(scope="session")
def held(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a chat of three messages and a store that holds it, made once."""
    folder = tmp_path_factory.mktemp("held")
    (folder / "chat.jsonl").write_text("".join(json.dumps(message) + "\n" for message in CHAT), "utf-8")
    arguments = ["retain", str(folder / "chat.jsonl"), "--store", str(folder / "mnemic.db")]
    assert CliRunner().invoke(app, arguments, env=QUICK).exit_code == 0
    return folder


@pytest.fixture
def chat(held: Path, tmp_path: Path) -> Path:
    """A file of three messages in the working folder."""
    return Path(shutil.copy(held / "chat.jsonl", tmp_path))


@pytest.fixture
def record(mnemic: Command, held: Path, tmp_path: Path) -> str:
    """The id of the first record of a bank in the working folder that holds the chat."""
    shutil.copytree(held, tmp_path, dirs_exist_ok=True)
    return str(mnemic("list", "--json").json["records"][0]["id"])
