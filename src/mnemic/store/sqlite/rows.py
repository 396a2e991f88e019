"""Turns vocabulary into rows of the embedded schema, and rows into vocabulary."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from mnemic.core.op import LogEntry, Op
from mnemic.core.record import Edge, Record
from mnemic.core.times import Interval, from_micros, instant, to_micros
from mnemic.store.protocol import BankRow, Unit
from mnemic.store.sqlite.packing import unpack

BANK_COLUMNS = "bank, name, recipe, created_at, seq, batch, space, origin"
#: Below SQLite's default limit of variables in one statement on every supported version.
_CHUNK = 10_000


def bank_row(row: Sequence[Any]) -> BankRow:
    """A bank of its row."""
    return BankRow(row[0], row[1], row[2], instant(row[3]), row[4], row[5], row[6], row[7])


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
        yield from connection.execute(statement.format(marks(len(part))), (*head, *part))


# json.dumps makes an encoder at every call that is given separators.
_ENCODER = json.JSONEncoder(separators=(",", ":"), ensure_ascii=False)


def known_units(connection: sqlite3.Connection, bank: int, units: Iterable[Unit]) -> dict[tuple[str, str, bytes], int]:
    """Those of the units that a bank already has, with their numbers."""
    # By name and mode, since the index leads with them: by hash alone each write would read the whole bank.
    groups: dict[tuple[str, str], list[bytes]] = {}
    for unit in units:
        groups.setdefault((unit.name, unit.mode), []).append(unit.sha)
    statement = "SELECT sha, pk FROM units WHERE bank = ? AND name = ? AND mode = ? AND sha IN ({})"
    return {
        (name, mode, bytes(sha)): unpack(pk)
        for (name, mode), shas in groups.items()
        for sha, pk in select_in(connection, statement, (bank, name, mode), list(dict.fromkeys(shas)))
    }


def dumps(data: Mapping[str, Any]) -> str:
    """Compact JSON, keys in the order in which they were made."""
    return _ENCODER.encode(data)


def record_body(record: Record) -> tuple[str, str]:
    """A record's content and its counters, apart: counters change without a new version."""
    data = record.to_json()
    stats = data.pop("stats", {})
    data.pop("bank", None)
    return dumps(data), dumps(stats) if stats else "{}"


def record_of(body: str, stats: str, bank: str) -> Record:
    """The inverse of :func:`record_body`."""
    data = json.loads(body)
    data["bank"] = bank
    if stats != "{}":
        data["stats"] = json.loads(stats)
    return Record.from_json(data)


def intervals_of(record: Record) -> set[tuple[int, int]]:
    """Every stretch of time that a record is about: its event, its validity, and times it mentions."""
    spans = {record.times.event, record.times.valid}
    spans.update(
        Interval(instant(mention["start"]), instant(mention["end"])) for mention in record.fields.get("times", ())
    )
    return {(to_micros(span.start), to_micros(span.end)) for span in spans if span is not None}


def marks_of(record: Record) -> set[tuple[str, str]]:
    """The words a record can be asked for by: ``(field, word)``."""
    groups = (("entity", record.entities), ("tag", record.tags), ("label", record.labels))
    return {(field, word.casefold()) for field, words in groups for word in words if word}


def entry_of(row: Sequence[Any]) -> LogEntry:
    """A log entry of ``(pk, batch, at, body)``."""
    return LogEntry(unpack(row[0]), row[1], from_micros(row[2]), Op.from_json(json.loads(row[3])))


def edge_of(body: str) -> Edge:
    """An edge of its body."""
    return Edge.from_json(json.loads(body))
