"""Reads and names rows of the embedded schema."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from mnemic.core.op import LogEntry
from mnemic.core.times import instant
from mnemic.store.protocol import BankRow, Unit
from mnemic.store.rows import by_name_and_mode, entry_of
from mnemic.store.sealing import Codec
from mnemic.store.sqlite.packing import unpack

BANK_COLUMNS = "bank, name, recipe, created_at, seq, batch, space, origin, sealed"
#: Below SQLite's default limit of variables in one statement on every supported version.
_CHUNK = 10_000


def bank_row(row: Sequence[Any]) -> BankRow:
    """A bank of its row."""
    return BankRow(row[0], row[1], row[2], instant(row[3]), row[4], row[5], row[6], row[7], row[8])


def bank_of(connection: sqlite3.Connection, name: str) -> BankRow | None:
    """A bank by name, or None."""
    row = connection.execute(f"SELECT {BANK_COLUMNS} FROM banks WHERE name = ?", (name,)).fetchone()
    return bank_row(row) if row else None


def chunks(values: Sequence[Any]) -> Iterator[Sequence[Any]]:
    """Runs of values that fit into one statement."""
    for start in range(0, len(values), _CHUNK):
        yield values[start : start + _CHUNK]


def marks(count: int) -> str:
    """``?, ?, ?``: placeholders of ``count`` values."""
    return ", ".join("?" * count)


def select_in(
    connection: sqlite3.Connection, statement: str, head: Sequence[Any], values: Sequence[Any]
) -> Iterator[Any]:
    """Rows of a statement whose ``{}`` stands for the placeholders of ``values``, chunk by chunk."""
    for part in chunks(values):
        # Fetched whole: a generator that is left where it was, by an error, must not hold a cursor of its connection.
        yield from connection.execute(statement.format(marks(len(part))), (*head, *part)).fetchall()


def known_units(
    connection: sqlite3.Connection, bank: int, units: Iterable[Unit], codec: Codec
) -> dict[tuple[str, str, bytes], int]:
    """Those of the units that a bank already has, with their numbers."""
    statement = "SELECT sha, pk FROM units WHERE bank = ? AND name = ? AND mode = ? AND sha IN ({})"
    return {
        (name, mode, kept[bytes(sha)]): unpack(pk)
        for (name, mode), shas in by_name_and_mode(units).items()
        for kept in (codec.sealed_all("units.sha", shas),)
        for sha, pk in select_in(connection, statement, (bank, name, mode), list(kept))
    }


def logged(rows: Iterable[Sequence[Any]], codec: Codec) -> Iterator[LogEntry]:
    """Log entries of ``(pk, batch, at, body)``."""
    return (entry_of(unpack(row[0]), *row[1:]) for row in codec.opened(rows, "", "", "", "log.body"))
