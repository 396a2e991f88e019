"""The page of the command line is true: its examples run, and give the JSON that it shows."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "cli.md").read_text("utf-8")
SUITE = ROOT / "tests" / "bench" / "suites" / "diary"
#: Keys that are left out of an object when they hold nothing.
OPTIONAL = {"evolution"}


@dataclass(frozen=True)
class Section:
    """A command of the page: its examples, and the JSON that it promises."""

    name: str
    examples: tuple[str, ...]
    promised: Any


def _sections() -> Iterator[Section]:
    for part in re.split(r"^#{2,3} ", PAGE, flags=re.MULTILINE):
        name = part.split("\n", 1)[0].strip()
        examples = [
            line.removeprefix("$ ")
            for line in _blocks(part, "console")
            for line in line.splitlines()
            if line.startswith("$ ")
        ]
        found = [block for block in _blocks(part, "json") if not block.startswith('{"error"')]
        yield Section(name, tuple(examples), json.loads(found[0]) if found else None)


def _blocks(text: str, language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)


def _shape(promised: Any, given: Any, where: str) -> None:
    """Objects that are shown with keys have just these; lists are compared by their first element."""
    if isinstance(promised, dict):
        assert isinstance(given, dict), where
        if promised:
            assert set(given) - OPTIONAL == set(promised), where
        for key, value in promised.items():
            if value is not None and given[key] is not None:
                _shape(value, given[key], f"{where}.{key}")
    elif isinstance(promised, list):
        assert isinstance(given, list), where
        if promised and given:
            _shape(promised[0], given[0], f"{where}[0]")
    elif isinstance(promised, float):
        assert isinstance(given, (int, float)), where
    else:
        assert type(given) is type(promised), where


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[tuple[str, subprocess.CompletedProcess[str]]]]:
    """Every example of the page in its order, in one folder; once as it stands and once with ``--json``."""
    folder = tmp_path_factory.mktemp("page")
    shutil.copytree(SUITE, folder / "diary")
    command = folder / "bin" / "mnemic"
    command.parent.mkdir()
    command.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m mnemic.cli "$@"\n', "utf-8")
    command.chmod(0o755)
    environment = {name: value for name, value in os.environ.items() if not name.startswith("MNEMIC_")}
    environment |= {"MNEMIC_EMBEDDER": "hashing", "MNEMIC_RERANKER": "overlap"}
    environment["PATH"] = f"{command.parent}{os.pathsep}{environment['PATH']}"

    def run(line: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            ["bash", "-c", line], cwd=folder, env=environment, capture_output=True, text=True, timeout=120, check=False
        )

    done: dict[str, list[tuple[str, subprocess.CompletedProcess[str]]]] = {}
    for section in _sections():
        for line in section.examples:
            if line.startswith("cat "):
                shown = next(block for block in _blocks(PAGE, "console") if block.startswith(f"$ {line}\n"))
                (folder / line.removeprefix("cat ")).write_text(shown.split("\n", 1)[1], "utf-8")
                continue
            if "$RECORD" in line and "RECORD" not in environment:
                environment["RECORD"] = json.loads(run("mnemic list --json").stdout)["records"][0]["id"]
            # Names that are made new can only be made once.
            again = line
            for name in ("what-if", "--as anna-2", "monday", "restored", "copies"):
                again = again.replace(name, f"{name}-again")
            done.setdefault(section.name, []).extend([(line, run(line)), (f"{again} --json", run(f"{again} --json"))])
    return done


SECTIONS = [section for section in _sections() if any(line.startswith("mnemic") for line in section.examples)]


@pytest.mark.skipif(sys.platform == "win32", reason="the examples are for a POSIX shell")
@pytest.mark.parametrize("section", SECTIONS, ids=lambda section: section.name)
def test_the_examples_run_and_give_what_the_page_shows(
    section: Section, runs: dict[str, list[tuple[str, subprocess.CompletedProcess[str]]]]
) -> None:
    for line, ran in runs[section.name]:
        assert ran.returncode == 0, f"{line}: {ran.stderr}"
        assert ran.stdout.strip(), line
        assert not ran.stderr, line
        if line.endswith("--json") and section.promised is not None and "--stages" not in line:
            _shape(section.promised, json.loads(ran.stdout), line)


def test_every_command_has_a_section_with_an_example_and_its_json() -> None:
    from .test_every_command import COMMANDS

    found = {section.name: section for section in SECTIONS}
    for path in COMMANDS:
        section = found[" ".join(path)]
        assert section.promised is not None, section.name
        assert any(f"mnemic {section.name}" in line for line in section.examples), section.name


def test_every_setting_is_in_the_table() -> None:
    from dataclasses import fields

    from mnemic.config import Settings

    rows = dict(re.findall(r"^\| `(\w+)` \| `(MNEMIC_\w+)` \|", PAGE, re.MULTILINE))
    assert rows == {item.name: f"MNEMIC_{item.name.upper()}" for item in fields(Settings)}
