"""What an erasure asks of a store: which rows go, and which are laid down anew from what is left of the log.

The log stays numbered: an entry whose content goes is kept as an ERASE entry that says nothing but that it was there,
and whether it made a record. The rows are what a replay of the log that is left would make of them.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from mnemic.core.op import Op
from mnemic.core.record import Record

if TYPE_CHECKING:
    from mnemic.store.protocol import Change

#: The rule under which a bank notes the seq of its last erasure: an index from before holds what is gone.
ERASED = "erased"


def held_place(seq: int) -> str:
    """The id under which the place of a record is kept whose entry ``seq`` is erased.

    >>> held_place(7)
    'erased:7'
    """
    return f"erased:{seq}"


def emptied(seq: int) -> Record:
    """What stands where an erased record stood: nothing but its place.

    >>> emptied(7).state
    'erased'
    """
    return Record(id=held_place(seq), kind="", value="", state="erased")


@dataclass(frozen=True, slots=True, kw_only=True)
class Erasure:
    """Rows of one bank that go, and what is left of those that stay.

    ``entries`` are log entries by seq with what is left of them; ``events`` the ids that go; ``records`` those that go,
    with the seq that made them; ``redone`` the histories of records and edges that stay but lose a part, ``again`` the
    ids of these records; ``edges`` the identities of those to be taken away before. ``rules``, ``receipts``, ``notes``
    (kind, id) and ``answers`` name rows beside the log.
    """

    entries: Mapping[int, Op] = field(default_factory=dict)
    events: Sequence[str] = ()
    records: Mapping[str, int] = field(default_factory=dict)
    redone: Sequence[Change] = ()
    again: Sequence[str] = ()
    edges: Sequence[tuple[str, str, str]] = ()
    rules: Sequence[str] = ()
    receipts: Sequence[str] = ()
    notes: Sequence[tuple[str, str]] = ()
    answers: Sequence[bytes] = ()


@dataclass(slots=True)
class Erased:
    """What an erasure took out of the tables: rows by table, and traces of content that only the tables hold.

    ``traces`` are bytes that must be nowhere any more: rows of terms, vectors and sketches.
    """

    rows: Counter[str] = field(default_factory=Counter)
    traces: list[bytes] = field(default_factory=list)
    terms: set[str] = field(default_factory=set)


@dataclass(frozen=True, slots=True)
class Purged:
    """What was done so that erased bytes are also gone from files: steps, and what still waits and for whom."""

    steps: tuple[str, ...] = ()
    waits: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Searched:
    """A search for erased bytes: where was looked and how much, where something was found, and what is out of reach.

    ``unsearched`` says where else it may be, and what whoever can reach it has to do.
    """

    places: tuple[str, ...] = ()
    bytes: int = 0
    findings: tuple[str, ...] = ()
    unsearched: tuple[str, ...] = ()
