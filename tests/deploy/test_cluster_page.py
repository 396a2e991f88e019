"""The page "From a laptop to a cluster": its commands run as they are printed, in their order, on real servers.

A folder stands for the laptop, and three databases on two PostgreSQL servers for the hosts that the page names.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import mnemic
from mnemic.memory import Memory
from tests.servers import Server

PAGE = Path(__file__).parents[2] / "docs" / "cluster.md"
_BLOCK = re.compile(r"^```(?:console|sh)\n(.*?)^```", re.MULTILINE | re.DOTALL)


def blocks() -> list[str]:
    """The commands of each block of the page."""
    found = _BLOCK.findall(PAGE.read_text("utf-8"))
    return ["\n".join(line.removeprefix("$ ") for line in block.splitlines()) for block in found]


class Laptop:
    """Runs the page's commands in a folder; ``hosts`` are what the page's addresses stand for."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.hosts: dict[str, str] = {}
        programs = folder / "bin"
        programs.mkdir()
        (programs / "mnemic").write_text(f'#!/bin/sh\nexec "{sys.executable}" -m mnemic.cli "$@"\n')
        (programs / "mnemic").chmod(0o755)
        models = {"MNEMIC_EMBEDDER": "hashing", "MNEMIC_RERANKER": "overlap"}
        self.environment = os.environ | models | {"PATH": f"{programs}:{os.environ['PATH']}"}

    def run(self, commands: str, **environment: str) -> str:
        """What commands print; all must succeed."""
        for printed, meant in self.hosts.items():
            commands = commands.replace(printed, meant)
        done = subprocess.run(
            ["bash", "-euo", "pipefail", "-c", commands],
            cwd=self.folder,
            env=self.environment | environment,
            capture_output=True,
            text=True,
        )
        assert done.returncode == 0, f"{commands}\n{done.stdout}{done.stderr}"
        return done.stdout

    def open(self, store: str) -> Memory:
        """A store, as the page's commands left it."""
        path = store if "://" in store else str(self.folder / store)
        return mnemic.open(path, embedder="hashing", reranker="overlap")


def knows(memory: Memory, bank: str, word: str) -> bool:
    """Whether a bank that is whole recalls a word."""
    assert memory.check() == []
    return word in memory.bank(bank, create=False).recall("Where do we live?").text


def test_every_command_of_the_page_does_what_the_page_says(tmp_path: Path, server18: Server, server15: Server) -> None:
    if shutil.which("pg_dump") is None:
        pytest.skip("pg_dump is not installed: sh tests/system_packages.sh")
    laptop = Laptop(tmp_path)
    work, erasing, copies, dumps, migration, servers = blocks()
    assert "mnemic worker" in work
    laptop.run("echo 'We moved to Lisbon last May.' | mnemic retain - --bank anna --session s1")
    with laptop.open("mnemic.db") as memory:
        memory.enqueue("consolidate", "anna")
    assert "done" in laptop.run(work)
    assert "done" in laptop.run(erasing, MNEMIC_BANK="anna")

    laptop.run(copies)
    for name in ("monday.db", "restored.db"):
        with laptop.open(name) as memory:
            assert knows(memory, "anna", "Lisbon")

    first, zero, two = server15.fresh(), server18.fresh(), server18.fresh()
    laptop.hosts = {"postgresql://mnemic@localhost/mnemic": first, "postgresql://mnemic@one/mnemic": first}
    laptop.hosts |= {"postgresql://mnemic@zero/mnemic": zero, "postgresql://mnemic@two/mnemic": two}
    laptop.run(migration)
    with laptop.open(first) as memory:
        assert knows(memory, "anna", "Lisbon")

    restored = server15.fresh()
    laptop.run(dumps, MNEMIC_STORE=first, NEW_DATABASE=restored)
    with laptop.open(restored) as memory:
        assert knows(memory, "anna", "Lisbon")

    # The server that is added first brings the bank that was migrated to it.
    laptop.run(servers)
    directory = f"directory+{zero}"
    with laptop.open(directory) as memory:
        assert knows(memory, "anna", "Lisbon")
        memory.bank("anna").retain("We have a garden.")
    with laptop.open(two) as memory:
        assert [row.name for row in memory.banks()] == ["anna"]
        assert "garden" in memory.bank("anna").recall("What do we have?").text
    # Background work goes on there as it did in the file.
    with laptop.open(directory) as memory:
        memory.enqueue("consolidate", "anna")
    assert "done" in laptop.run(work, MNEMIC_STORE=directory)
