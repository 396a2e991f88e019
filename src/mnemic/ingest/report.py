"""What an import did: how many events, which lines were bad and why, what was left aside."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class BadLine:
    """A place in a file that could not be read.

    ``number`` is 1-based and counts ``unit``: lines, or the messages or conversations of a JSON document.

    >>> str(BadLine(12, "role is missing"))
    'line 12: role is missing'
    """

    number: int
    reason: str
    unit: str = "line"

    def __str__(self) -> str:
        return f"{self.unit} {self.number}: {self.reason}"


@dataclass(slots=True)
class ImportReport:
    """The account of one file.

    ``duplicates`` were in the file before with the same id and content; ``skipped`` held nothing to keep
    (hidden prompts of the application, empty turns).

    >>> bad = [BadLine(3, "role is missing")]
    >>> print(ImportReport(events=2, bad=bad, source="chat.jsonl", format="jsonl"))
    chat.jsonl (jsonl): 2 events, 0 duplicates, 0 without content, 1 bad
    """

    events: int = 0
    bad: list[BadLine] = field(default_factory=list)
    duplicates: int = 0
    skipped: int = 0
    source: str = ""
    format: str = ""

    def __str__(self) -> str:
        return (
            f"{self.source} ({self.format}): {self.events} events, {self.duplicates} duplicates, "
            f"{self.skipped} without content, {len(self.bad)} bad"
        )
