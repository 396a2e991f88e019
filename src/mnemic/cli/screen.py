"""Screens: what a command shows a person, in words a terminal and a pipe both understand.

A pipe gets plain text: tables as tab-separated lines with a heading, nothing wrapped, no control characters.
"""

from __future__ import annotations

import sys
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from mnemic.cli.recalled import Line

MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a table: ``right`` for figures, ``whole`` for ids that must not be cut."""

    name: str
    right: bool = False
    whole: bool = False


class Screen(Protocol):
    """Where a command shows its answer."""

    def title(self, text: str, note: str = "") -> None:
        """A heading with a remark beside it."""

    def table(self, columns: Sequence[Column], rows: Iterable[Sequence[str]]) -> None:
        """Rows under named columns."""

    def fields(self, pairs: Iterable[tuple[str, str]]) -> None:
        """Names with their values, one a line."""

    def lines(self, lines: Iterable[Line], marked: Iterable[int] = ()) -> None:
        """Recalled lines with number, date, speaker and source; ``marked`` are the numbers that get a tick."""

    def check(self, state: str, text: str) -> None:
        """A finding: ``ok``, ``warning`` or ``failed``."""

    def code(self, text: str, language: str = "") -> None:
        """Text that is to be kept as it is: TOML, a pipeline, a command."""

    def say(self, text: str) -> None:
        """A sentence."""

    def note(self, text: str) -> None:
        """A sentence of less weight."""


def clean(text: str) -> str:
    """A text without characters that could steer a terminal; line breaks and tabs stay.

    >>> clean("red \\x1b[31malert")
    'red \\\\x1b[31malert'
    """
    if text.isprintable():
        return text
    return "".join(char if char in "\n\t" or unicodedata.category(char) != "Cc" else ascii(char)[1:-1] for char in text)


def one_line(text: str) -> str:
    """A text on one line.

    >>> one_line("tea\\n  and cake")
    'tea and cake'
    """
    return " ".join(clean(text).split())


def moment(when: datetime | str | None, *, time: bool = True) -> str:
    """An instant for reading, in UTC; an en dash when it is not known.

    >>> moment("2026-06-02T14:30:00+00:00"), moment("2026-06-02T14:30:00+00:00", time=False)
    ('2 Jun 2026 14:30', '2 Jun 2026')
    """
    if when is None:
        return "–"
    at = datetime.fromisoformat(when) if isinstance(when, str) else when
    day = f"{at.day} {MONTHS[at.month - 1]} {at.year}"
    return f"{day} {at:%H:%M}" if time else day


def counted(number: int, noun: str, plural: str = "") -> str:
    """A number with its noun.

    >>> counted(1, "line"), counted(1200, "line"), counted(2, "memory", "memories")
    ('1 line', '1,200 lines', '2 memories')
    """
    return f"{number:,} {noun if number == 1 else plural or noun + 's'}"


def size(count: int) -> str:
    """A number of bytes for reading.

    >>> size(999), size(1_300_000)
    ('999 B', '1.3 MB')
    """
    value = float(count)
    for unit in ("B", "kB", "MB", "GB"):
        if value < 1000 or unit == "GB":
            break
        value /= 1000
    return f"{value:.0f} {unit}" if unit == "B" else f"{value:.1f} {unit}"


class PlainScreen:
    """See :class:`Screen`; for pipes, files and terminals that can do no better."""

    def title(self, text: str, note: str = "") -> None:
        """A heading with a remark beside it."""
        self.say(f"{text} ({note})" if note else text)

    def table(self, columns: Sequence[Column], rows: Iterable[Sequence[str]]) -> None:
        """Rows as tab-separated lines under a heading."""
        self.say("\t".join(column.name for column in columns))
        for row in rows:
            self.say("\t".join(one_line(cell) for cell in row))

    def fields(self, pairs: Iterable[tuple[str, str]]) -> None:
        """``name: value`` lines."""
        for name, value in pairs:
            self.say(f"{name}: {value}")

    def lines(self, lines: Iterable[Line], marked: Iterable[int] = ()) -> None:
        """``[n] date, speaker: text  (source)`` lines; a marked one ends in a tick."""
        ticked = set(marked)
        for line in lines:
            head = ", ".join(
                part for part in (moment(line.when, time=False) if line.when else "", line.speaker) if part
            )
            tick = "  ✓" if line.number in ticked else ""
            self.say(f"[{line.number}] {head}{': ' if head else ''}{one_line(line.text)}  ({line.source}){tick}")

    def check(self, state: str, text: str) -> None:
        """``state: text``."""
        self.say(f"{state}: {text}")

    def code(self, text: str, language: str = "") -> None:
        """The text as it is."""
        self.say(text.rstrip("\n"))

    def say(self, text: str) -> None:
        """A sentence."""
        sys.stdout.write(clean(text) + "\n")

    def note(self, text: str) -> None:
        """A sentence."""
        self.say(text)


def open_screen() -> Screen:
    """A screen for standard output: rich when it is a terminal, else plain."""
    if not sys.stdout.isatty():
        return PlainScreen()
    from mnemic.cli.rich_screen import RichScreen

    return RichScreen()
