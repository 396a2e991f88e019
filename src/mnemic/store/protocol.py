"""What the engine asks of a store: banks, consistent snapshots, and transactions that commit whole."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol

import numpy as np

from mnemic.core.evidence import Event, sha
from mnemic.core.op import LogEntry
from mnemic.core.reading import Receipt
from mnemic.core.record import Edge, Record
from mnemic.store.asked import Asked, Spent
from mnemic.store.index.bank_index import BankIndex
from mnemic.store.index.key_index import KeyIndex
from mnemic.store.index.source import Source

#: Names of hidden banks begin so: control characters are refused in the names that users give.
HIDDEN = "\x1f"


@dataclass(frozen=True, slots=True)
class BankRow:
    """A bank as the store lists it; ``space`` is the embedding space of its vectors, if any."""

    bank: int
    name: str
    recipe: str
    created_at: datetime
    seq: int
    batch: int
    space: int | None
    origin: str = ""

    @property
    def hidden(self) -> bool:
        """Whether it is the store's own business and no user's bank."""
        return self.name.startswith(HIDDEN)

    @property
    def payer(self) -> str:
        """The bank whose budget pays for what is asked in this one: a hidden bank works for the one it came from."""
        return self.origin if self.hidden else self.name


@dataclass(frozen=True, slots=True)
class SpaceRow:
    """An embedding space: which embedder made its vectors, and its calibration."""

    space: int
    fingerprint: str
    name: str
    dim: int
    calibration: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Unit:
    """A distinct text under a key name: what is analysed and embedded, once per bank."""

    name: str
    text: str
    mode: str
    #: Hash of the text, made once: a write asks for it many times.
    sha: bytes = field(init=False, compare=False, repr=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "sha", bytes.fromhex(sha(self.text))[:20])


def units_of(record: Record) -> list[Unit]:
    """The units under which a record is found."""
    return [Unit(name, key.text, key.mode) for name, key in record.keys.items() if key.mode and key.text.strip()]


@dataclass(frozen=True, slots=True)
class Change:
    """The effect of one applied op: its log entry, and what it makes of records and edges.

    ``formed`` are events that formation has used up, ``reopened`` those that wait for it again, ``ran`` rules of
    evolution with the seq up to which each has looked, and ``recipe`` what the bank is kept by from here on.
    """

    entry: LogEntry
    events: tuple[Event, ...] = ()
    records: tuple[tuple[Record | None, Record], ...] = ()
    touched: tuple[Record, ...] = ()
    laid: tuple[Edge, ...] = ()
    cut: tuple[Edge, ...] = ()
    formed: tuple[str, ...] = ()
    reopened: tuple[str, ...] = ()
    ran: tuple[tuple[str, int], ...] = ()
    recipe: str | None = None


@dataclass(frozen=True, slots=True)
class Batch:
    """Changes that are committed together, with the vectors of new units by ``(name, mode, sha)``."""

    changes: Sequence[Change]
    vectors: Mapping[tuple[str, str, bytes], bytes] = field(default_factory=dict)
    space: int | None = None


@dataclass(frozen=True, slots=True)
class Version:
    """A record as it was between two seqs of the log; ``to_seq`` is None for the current one."""

    record: Record
    from_seq: int
    to_seq: int | None


class Snapshot(Source, Protocol):
    """A bank at one point of its log, read consistently."""

    @property
    def row(self) -> BankRow: ...
    def index(self) -> BankIndex: ...
    def admits_matrix(self, key: KeyIndex, dim: int) -> bool: ...
    def records(self, ids: Iterable[str]) -> dict[str, Record]: ...
    def versions(self, record_id: str) -> list[Version]: ...
    def events(self, ids: Sequence[str]) -> dict[str, Event]: ...
    def session_events(self, session: str, *, before: int | None, last: int | None) -> list[Event]: ...
    def event_page(self, session: str | None, after: int, limit: int) -> list[Event]: ...
    def unformed(self, session: str | None) -> list[Event]: ...
    def sessions(self) -> list[tuple[str, int]]: ...
    def edges(self, ids: Sequence[str], rels: Sequence[str] | None, direction: str) -> list[Edge]: ...
    def marked(self, field: str, values: Sequence[str]) -> dict[str, list[int]]: ...
    def mark_counts(self, field: str) -> dict[str, int]: ...
    def log(self, after: int, until: int | None) -> Iterable[LogEntry]: ...
    def log_at(self, when: datetime) -> int: ...
    def unit_ids(self, units: Sequence[Unit]) -> dict[tuple[str, str, bytes], int]: ...
    def dense_units(self) -> dict[tuple[str, str, bytes], int]: ...
    def rules(self) -> dict[str, tuple[int, datetime]]: ...
    def counters(self) -> dict[str, int]: ...
    def fingerprint(self) -> str: ...


class Transaction(Protocol):
    """A write in progress: the bank's row is locked until it ends."""

    @property
    def row(self) -> BankRow: ...
    def records(self, ids: Iterable[str]) -> dict[str, Record]: ...
    def event_shas(self, ids: Sequence[str]) -> dict[str, str]: ...
    def ran(self, rule: str) -> int: ...
    def apply(self, batch: Batch) -> None: ...


class Store(Protocol):
    """Where banks live."""

    def banks(self) -> list[BankRow]: ...
    def bank(self, name: str) -> BankRow | None: ...
    def create_bank(self, name: str, recipe: str, created_at: datetime, origin: str = "") -> BankRow: ...
    def creating(
        self, name: str, recipe: str, created_at: datetime, origin: str = ""
    ) -> AbstractContextManager[Transaction]: ...
    def drop_bank(self, name: str) -> None: ...
    def snapshot(self, bank: str, at: int | None = None) -> AbstractContextManager[Snapshot]: ...
    def transaction(self, bank: str) -> AbstractContextManager[Transaction]: ...
    def space(self, bank: str, fingerprint: str) -> SpaceRow | None: ...
    def space_by_id(self, bank: str, space: int) -> SpaceRow | None: ...
    def add_space(
        self, bank: str, fingerprint: str, name: str, dim: int, calibration: Mapping[str, Any]
    ) -> SpaceRow: ...
    def set_calibration(self, bank: str, space: int, calibration: Mapping[str, Any]) -> None: ...
    def unembedded(self, bank: str, space: int, limit: int) -> tuple[dict[int, str], int]: ...
    def put_vectors(self, bank: str, space: int, vectors: Mapping[int, np.ndarray[Any, Any]]) -> None: ...
    def switch_space(self, bank: str, space: int) -> bool: ...
    def put_receipt(self, receipt: Receipt) -> None: ...
    def receipt(self, bank: str, receipt_id: str) -> Receipt | None: ...
    def receipts(self, bank: str, limit: int) -> Sequence[Receipt]: ...
    def answer(self, bank: str, key: bytes) -> Mapping[str, Any] | None: ...
    def put_asked(self, asked: Asked, *, at_once: bool = False) -> None: ...
    def spent(self, bank: str, day: str | None = None) -> Sequence[Spent]: ...
    def check(self) -> list[str]: ...
    def size(self) -> int: ...
    def flush(self) -> None: ...
    def close(self) -> None: ...
