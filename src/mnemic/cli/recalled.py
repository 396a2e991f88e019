"""Recalled lines: a context taken apart again, each line with its date, speaker and source."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from mnemic.core.reading import Citation, Context
from mnemic.core.wording import date_words

_NUMBER = re.compile(r"^\[(\d+)\] ", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Line:
    """A line of a context as a person reads it; ``rank`` is its place by score, from 1."""

    number: int
    rank: int
    record: str
    events: tuple[str, ...]
    when: datetime | None
    speaker: str
    text: str

    @property
    def source(self) -> str:
        """The ids of the events it rests on, else its record's."""
        return ", ".join(self.events) or self.record

    def to_json(self) -> dict[str, Any]:
        """A JSON object."""
        return {
            "number": self.number,
            "rank": self.rank,
            "record": self.record,
            "events": list(self.events),
            "when": self.when.isoformat() if self.when else None,
            "speaker": self.speaker,
            "text": self.text,
        }


def lines_of(context: Context) -> list[Line]:
    """The lines of a context in the order shown.

    >>> from mnemic.core.reading import Block, Hit
    >>> cited = Citation(1, "r1", ("e1",), None, "Anna", Hit("r1", 0.9, "lexical"))
    >>> lines_of(Context((Block("memory", "[1] Anna: Tea.\\n  And cake.", (1,)),), (cited,)))[0].text
    'Tea.\\nAnd cake.'
    """
    texts = _texts(context)
    ranked = sorted(context.citations, key=lambda citation: -citation.hit.score)
    ranks = {citation.number: rank for rank, citation in enumerate(ranked, 1)}
    return [
        Line(c.number, ranks[c.number], c.record, c.events, c.when, c.speaker, _said(c, texts.get(c.number, "")))
        for c in context.citations
    ]


def _texts(context: Context) -> Mapping[int, str]:
    pieces = _NUMBER.split(context.text)
    return {int(number): body.strip() for number, body in zip(pieces[1::2], pieces[2::2], strict=True)}


def _said(citation: Citation, body: str) -> str:
    head = ", ".join(part for part in (date_words(citation.when) if citation.when else "", citation.speaker) if part)
    return body.removeprefix(f"{head}: ").replace("\n  ", "\n")
