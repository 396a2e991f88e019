"""A terminal's screen: tables, colours and folding by rich."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from rich import box
from rich.console import Console
from rich.padding import Padding
from rich.rule import Rule
from rich.syntax import Syntax
from rich.table import Table
from rich.text import Text

from mnemic.cli.screen import Column, clean, moment, one_line

if TYPE_CHECKING:
    from mnemic.cli.recalled import Line

_SIGNS = {"ok": ("✓", "green"), "warning": ("!", "yellow"), "failed": ("✗", "bold red")}
_MAX_WIDTH = 120


class RichScreen:
    """See :class:`mnemic.cli.screen.Screen`."""

    def __init__(self, console: Console | None = None) -> None:
        self.console = console or Console(highlight=False)
        self.width = min(self.console.width, _MAX_WIDTH)

    def title(self, text: str, note: str = "") -> None:
        """A heading over a rule's width, the remark dim beside it."""
        heading = Text(clean(text), "bold")
        if note:
            heading.append(f"  {clean(note)}", "not bold dim")
        self.console.print()
        self.console.print(heading)
        self.console.print(Rule(style="dim"), width=self.width)

    def table(self, columns: Sequence[Column], rows: Iterable[Sequence[str]]) -> None:
        """A table with a line under its heading."""
        table = Table(box=box.SIMPLE_HEAD, padding=(0, 2, 0, 0), show_edge=False, header_style="bold")
        for column in columns:
            table.add_column(
                column.name,
                justify="right" if column.right else "left",
                no_wrap=column.whole or column.right,
                overflow="fold",
            )
        for row in rows:
            table.add_row(*(Text(one_line(cell), "dim" if columns[i].whole else "") for i, cell in enumerate(row)))
        self.console.print(table)

    def fields(self, pairs: Iterable[tuple[str, str]]) -> None:
        """Dim names, aligned, beside their values."""
        grid = Table.grid(padding=(0, 2))
        grid.add_column(style="dim", no_wrap=True)
        grid.add_column(overflow="fold")
        for name, value in pairs:
            grid.add_row(name, Text(clean(value)))
        self.console.print(grid)

    def lines(self, lines: Iterable[Line], marked: Iterable[int] = ()) -> None:
        """Number, date, speaker, and the text with its source below."""
        ticked = set(marked)
        grid = Table.grid(padding=(0, 2, 0, 0))
        for justify in ("left", "right", "right", "left"):
            grid.add_column(justify=justify, no_wrap=True)
        grid.add_column(overflow="fold", ratio=1)
        for line in lines:
            tick = Text("✓", "bold green") if line.number in ticked else Text("")
            said = Text(clean(line.text))
            said.append(f"\n{clean(line.source)}", "dim")
            when = moment(line.when, time=False) if line.when else ""
            speaker = Text(one_line(line.speaker), "cyan")
            grid.add_row(tick, Text(str(line.number), "bold"), Text(when, "dim"), speaker, said)
        self.console.print(grid, width=self.width)

    def check(self, state: str, text: str) -> None:
        """A coloured sign before the text."""
        sign, style = _SIGNS[state]
        grid = Table.grid(padding=(0, 1))
        grid.add_row(Text(sign, style), Text(clean(text)))
        self.console.print(grid)

    def code(self, text: str, language: str = "") -> None:
        """Coloured by its language, indented otherwise."""
        body = clean(text).rstrip("\n")
        if language:
            self.console.print(Syntax(body, language, theme="ansi_dark", background_color="default", word_wrap=True))
        else:
            self.console.print(Padding(Text(body, "bold"), (0, 0, 0, 2)))

    def say(self, text: str) -> None:
        """A sentence, folded at the width of the terminal."""
        self.console.print(Text(clean(text)))

    def note(self, text: str) -> None:
        """A dim sentence."""
        self.console.print(Text(clean(text), "dim"))
