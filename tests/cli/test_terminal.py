"""What a person sees on a terminal: colours, a bar while it takes long, and nothing that remembered text could do."""

from __future__ import annotations

import io
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from rich.console import Console

from mnemic.cli.recalled import Line
from mnemic.cli.rich_screen import RichScreen
from mnemic.cli.screen import Column
from mnemic.core.times import instant

from .conftest import Command

ESCAPES = re.compile(r"\x1b\[[0-9;?]*[a-zA-Z]")


def _screen(width: int = 80) -> tuple[RichScreen, io.StringIO]:
    written = io.StringIO()
    return RichScreen(Console(file=written, force_terminal=True, width=width, highlight=False)), written


def test_lines_carry_number_date_speaker_source_and_tick() -> None:
    screen, written = _screen()
    when = instant("2026-06-02")
    screen.lines(
        [Line(1, 1, "r1", ("e1",), when, "Anna", "[bold]Tea[/bold]"), Line(2, 2, "r2", (), None, "", "Rain")], [1]
    )
    rows = [" ".join(row.split()) for row in ESCAPES.sub("", written.getvalue()).splitlines()]
    assert rows == ["✓ 1 2 Jun 2026 Anna [bold]Tea[/bold]", "e1", "2 Rain", "r2"]


@pytest.mark.parametrize("width", [40, 80, 200])
def test_no_line_is_wider_than_the_terminal(width: int) -> None:
    screen, written = _screen(width)
    text = "a word and another one " * 20
    screen.title("Title", "remark")
    screen.table([Column("id", whole=True), Column("n", right=True), Column("text")], [["r1", "12", text]])
    screen.fields([("name", text)])
    screen.lines([Line(1, 1, "r1", ("e1",), None, "Anna", text)])
    screen.check("warning", text)
    screen.code("[a]\nb = 1\n", "toml")
    screen.say(text)
    screen.note(text)
    shown = ESCAPES.sub("", written.getvalue())
    assert max(len(line) for line in shown.splitlines()) <= width
    assert shown.count("another") == 6 * 20


def test_text_cannot_steer_the_terminal() -> None:
    screen, written = _screen()
    evil = "\x1b]0;owned\x07\x1b[2J"
    screen.say(evil)
    screen.title(evil, evil)
    screen.table([Column("text")], [[evil]])
    screen.fields([("text", evil)])
    screen.lines([Line(1, 1, evil, (), None, evil, evil)])
    screen.check("ok", evil)
    screen.code(evil)
    screen.note(evil)
    assert "\x1b]0" not in written.getvalue()
    assert "\x1b[2J" not in written.getvalue()
    assert "\x07" not in written.getvalue()


@pytest.mark.skipif(sys.platform == "win32", reason="there are no pseudo-terminals")
@pytest.mark.parametrize(
    "arguments",
    [
        ["recall", "Where did we move?"],
        ["list"],
        ["recipes", "show", "bm25", "--toml"],
        ["demo", "--recipe", "bm25"],
        ["bench", str(Path(__file__).parents[1] / "bench" / "suites" / "diary"), "--recipe", "bm25"],
    ],
    ids=lambda arguments: arguments[0],
)
def test_commands_run_on_a_terminal(arguments: list[str], record: str) -> None:
    ran, shown = _on_terminal(arguments)
    assert ran == 0, shown
    assert "\x1b[" in shown


@pytest.mark.skipif(sys.platform == "win32", reason="there are no pseudo-terminals")
def test_json_is_not_mixed_with_progress(mnemic: Command, record: str) -> None:
    code, shown = _on_terminal(["recall", "Where did we move?", "--json"])
    assert code == 0
    assert shown.lstrip().startswith("{") or "\x1b[" in shown.split("{", 1)[0]
    assert "\x1b[1m" not in shown.split("{", 1)[1]


def _on_terminal(arguments: list[str]) -> tuple[int, str]:
    import pty

    ours, theirs = pty.openpty()
    environment = {**os.environ, "TERM": "xterm-256color", "COLUMNS": "100"}
    started = subprocess.Popen(
        [sys.executable, "-m", "mnemic.cli", *arguments], stdout=theirs, stderr=theirs, env=environment
    )
    os.close(theirs)
    shown = b""
    while True:
        try:
            piece = os.read(ours, 65536)
        except OSError:
            # Linux says so when the other end is closed.
            break
        if not piece:
            break
        shown += piece
    os.close(ours)
    return started.wait(), shown.decode("utf-8", "replace")
