"""What verbs that write or compare come to; the same in the library, over HTTP and in the client."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from mnemic.core.record import Record


@dataclass(frozen=True, slots=True)
class Written:
    """What a write did: events taken in and already known, records made, ops applied, questions put to a model.

    ``pending`` events are safe in evidence and wait to be formed, for ``pending_reason``: a language model gave no
    answer that can be used. Later writes, ``consolidate`` and ``close_sessions`` try again. ``quarantined`` are events
    that are kept back until somebody decides, ``sealed`` counts secrets that went to the vault, and ``unsealed`` those
    that stand in the text as they were said, since there is no vault key.

    >>> (Written(("e1",), ops=1) + Written(pending=1, pending_reason="it is down")).pending_reason
    'it is down'
    """

    added: tuple[str, ...] = ()
    skipped: int = 0
    records: tuple[str, ...] = ()
    ops: int = 0
    calls: int = 0
    pending: int = 0
    pending_reason: str = ""
    quarantined: tuple[str, ...] = ()
    sealed: int = 0
    unsealed: int = 0

    def __add__(self, other: Written) -> Written:
        return Written(
            self.added + other.added,
            self.skipped + other.skipped,
            self.records + other.records,
            self.ops + other.ops,
            self.calls + other.calls,
            self.pending + other.pending,
            self.pending_reason or other.pending_reason,
            self.quarantined + other.quarantined,
            self.sealed + other.sealed,
            self.unsealed + other.unsealed,
        )


@dataclass(frozen=True, slots=True)
class Difference:
    """Current records that one point has and another has not, and those that are not the same at both."""

    added: tuple[Record, ...]
    removed: tuple[Record, ...]
    changed: tuple[tuple[Record, Record], ...]

    def to_json(self) -> dict[str, Any]:
        """A JSON object."""
        return {
            "added": [record.to_json() for record in self.added],
            "removed": [record.to_json() for record in self.removed],
            "changed": [{"before": a.to_json(), "after": b.to_json()} for a, b in self.changed],
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Switched:
    """What a switch did. ``state`` is ``done``, or ``paused`` with the ``reason`` when a model gave no answer.

    ``carried`` counts what the user had changed and went over to new records, by kind; ``kept`` are records of the
    user's that have no counterpart and stayed as they are; ``left`` are records that were set aside with changes of
    the user's that found no counterpart, and the kinds of these.
    """

    recipe: str
    state: str = "done"
    reason: str = ""
    events: int = 0
    records: int = 0
    superseded: int = 0
    carried: Mapping[str, int] = field(default_factory=dict)
    kept: tuple[str, ...] = ()
    left: Mapping[str, Sequence[str]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Reembedded:
    """What re-embedding did: the embedder now, and how many texts it embedded in this run."""

    embedder: str
    embedded: int
    already: bool


@dataclass(frozen=True, slots=True)
class Sealing:
    """What became of a bank that was sealed or unsealed: what was done to the files, and what still waits for whom."""

    bank: str
    sealed: bool
    steps: tuple[str, ...] = ()
    waits: tuple[str, ...] = ()
