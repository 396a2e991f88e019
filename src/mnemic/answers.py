"""What the verbs of a bank answer with: a record found, a page of records, a version in a history."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from mnemic.core.op import LogEntry
from mnemic.core.reading import Hit
from mnemic.core.record import Record


@dataclass(frozen=True, slots=True)
class Found:
    """A record with the hit that found it."""

    record: Record
    hit: Hit

    def to_json(self) -> dict[str, Any]:
        """A JSON object."""
        return {"record": self.record.to_json(), "hit": self.hit.to_json()}


@dataclass(frozen=True, slots=True)
class Page:
    """A run of records; ``next`` is what to ask ``after`` for more, or None."""

    records: tuple[Record, ...]
    next: int | None


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
