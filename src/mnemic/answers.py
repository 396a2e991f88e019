"""What the verbs of a bank answer with: a record found, a page of records, a version in a history."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from mnemic.core.op import LogEntry
from mnemic.core.reading import Citation, Context, Cost, Hit
from mnemic.core.record import Record


@dataclass(frozen=True, slots=True)
class Found:
    """A record with the hit that found it."""

    record: Record
    hit: Hit

    def to_json(self) -> dict[str, Any]:
        """A JSON object."""
        return {"record": self.record.to_json(), "hit": self.hit.to_json()}


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What a question came to: the answer, and the lines that it rests on.

    ``known`` is false when the lines do not tell, and ``text`` is empty then. ``by`` names the language model that
    answered; ``"facts"`` says that code did, from facts that are kept true, and ``"rules"`` that neither did, and that
    ``text`` is the line that shares most words with the question.
    ``citations`` are those of the context's that the answer rests on. ``failure`` says why a model gave no answer; the
    ``context`` is there all the same.
    """

    question: str
    text: str
    known: bool
    by: str
    citations: tuple[Citation, ...]
    context: Context
    cost: Cost
    failure: str = ""

    def to_json(self) -> dict[str, Any]:
        """A JSON object."""
        return {
            "question": self.question,
            "text": self.text,
            "known": self.known,
            "by": self.by,
            "citations": [citation.to_json() for citation in self.citations],
            "context": self.context.to_json(),
            "cost": self.cost.to_json(),
            "failure": self.failure,
        }


@dataclass(frozen=True, slots=True)
class Page:
    """A run of records; ``next`` is what to ask ``after`` for more, or None."""

    records: tuple[Record, ...]
    next: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """What a recipe made of a bank's last events, and found for a question: nothing of it is kept.

    ``records`` are those that the context cites, by id; ``formed`` how many there were in all, of ``events`` events;
    ``forming_ms`` how long that took.
    """

    recipe: str
    events: int
    formed: int
    forming_ms: float
    hits: Sequence[Found]
    context: Context
    records: Mapping[str, Record]


@dataclass(frozen=True, slots=True)
class HistoryEntry:
    """A version of a record with the log entry that made it."""

    record: Record
    entry: LogEntry

    def to_json(self) -> dict[str, Any]:
        """A JSON object."""
        op = self.entry.op
        return {
            "version": self.record.version,
            "seq": self.entry.seq,
            "at": self.entry.at.isoformat(),
            "op": op.kind,
            "actor": op.actor,
            "reason": op.reason,
            "record": self.record.to_json(),
        }


@dataclass(frozen=True, slots=True)
class Tally:
    """How many records pass a filter, and how many of them by each word of each facet, the most common first."""

    total: int
    by: Mapping[str, Mapping[str, int]]


@dataclass(frozen=True, slots=True)
class Timeline:
    """Records in order of time, up to a page of them, and how many begin in each part of the time they span.

    ``seq`` is the point of the log at which the bank was looked at, ``head`` its last one.
    """

    records: tuple[Record, ...]
    total: int
    start: datetime | None
    end: datetime | None
    counts: tuple[int, ...]
    next: int | None
    seq: int
    head: int


@dataclass(frozen=True, slots=True)
class Rotated:
    """What a rotation of a bank's vault did: keys wrapped anew, and secrets sealed under a new one."""

    keys: int
    secrets: int
