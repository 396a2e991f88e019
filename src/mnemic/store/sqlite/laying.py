"""Lays rows down in the tables of the embedded schema, table by table."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from typing import Any

from mnemic.core.errors import Conflict
from mnemic.store.gathering import FORMED_MEANWHILE
from mnemic.store.sqlite.packing import pack, pack_vector

Rows = Sequence[Sequence[Any]]

_STATEMENTS = {
    "log": "INSERT INTO log (pk, batch, at, kind, body) VALUES (?, ?, ?, ?, ?)",
    "events": "INSERT INTO events (pk, bank, id, session, occurred_at, formed, sha) VALUES (?, ?, ?, ?, ?, ?, ?)",
    "formed": "UPDATE events SET formed = 1 WHERE bank = ? AND id = ? AND formed = 0",
    "settled": "UPDATE events SET formed = ? WHERE bank = ? AND id = ?",
    "versions": "INSERT INTO versions (bank, id, version, from_seq, to_seq, body) VALUES (?, ?, ?, ?, ?, ?)",
    "records": "INSERT INTO records (pk, bank, id, kind, state, session, actor, role, tier, epistemic, event_from,"
    " event_to, version, from_seq, changed_seq) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
    " ON CONFLICT (pk) DO UPDATE SET kind = excluded.kind, state = excluded.state, session = excluded.session,"
    " actor = excluded.actor, role = excluded.role, tier = excluded.tier, epistemic = excluded.epistemic,"
    " event_from = excluded.event_from, event_to = excluded.event_to, version = excluded.version,"
    " from_seq = excluded.from_seq, changed_seq = excluded.changed_seq",
    "bodies": "INSERT OR REPLACE INTO bodies (pk, body, stats) VALUES (?, ?, ?)",
    "units": "INSERT INTO units (pk, bank, name, sha, mode, text, terms, counts, length, scope)"
    " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
    "fts": "INSERT INTO fts (rowid, scope, terms) VALUES (?, ?, ?)",
    "vectors": "INSERT OR REPLACE INTO vectors (pk, emb) VALUES (?, ?)",
    "sketches": "INSERT OR REPLACE INTO sketches (pk, bits) VALUES (?, ?)",
    "closed": "UPDATE keys SET to_seq = ? WHERE bank = ? AND n = ? AND name = ? AND to_seq IS NULL",
    "keys": "INSERT INTO keys (pk, bank, n, name, unit, from_seq, to_seq) VALUES (?, ?, ?, ?, ?, ?, ?)",
    "unmarked": "DELETE FROM marks WHERE bank = ? AND field = ? AND value = ? AND n = ?",
    "marks": "INSERT OR IGNORE INTO marks (bank, field, value, n) VALUES (?, ?, ?, ?)",
    "unspanned": "DELETE FROM intervals WHERE bank = ? AND n = ?",
    "intervals": "INSERT INTO intervals (bank, n, low, high) VALUES (?, ?, ?, ?)",
    "unlinked": "UPDATE edges SET to_seq = ? WHERE bank = ? AND src = ? AND rel = ? AND dst = ? AND to_seq IS NULL",
    "edges": "INSERT INTO edges (bank, src, rel, dst, from_seq, to_seq, body) VALUES (?, ?, ?, ?, ?, ?, ?)",
    "term_stats": "INSERT INTO term_stats (bank, name, term, df) VALUES (?, ?, ?, ?)"
    " ON CONFLICT (bank, name, term) DO UPDATE SET df = df + excluded.df",
    "unused": "DELETE FROM term_stats WHERE bank = ? AND name = ? AND term = ? AND df = 0",
    "length_stats": "INSERT INTO length_stats (bank, name, docs, total) VALUES (?, ?, ?, ?)"
    " ON CONFLICT (bank, name) DO UPDATE SET docs = docs + excluded.docs, total = total + excluded.total",
    "rules": "INSERT OR REPLACE INTO rules (bank, rule, seq, at) VALUES (?, ?, ?, ?)",
}


def _keyed(rows: Rows) -> list[tuple[Any, ...]]:
    return [(pack(row[0], row[1]), *row[2:]) for row in rows]


def _keyed_by_bank(rows: Rows) -> list[tuple[Any, ...]]:
    return [(pack(row[0], row[1]), row[0], *row[2:]) for row in rows]


def _by_space(rows: Rows) -> list[tuple[Any, ...]]:
    return [(pack_vector(space, bank, unit), blob) for bank, space, unit, blob in rows]


#: How a bank and a place become a row key, by table.
_KEYS = {
    "log": _keyed, "bodies": _keyed, "events": _keyed_by_bank, "records": _keyed_by_bank, "keys": _keyed_by_bank,
    "vectors": _by_space, "sketches": _by_space,
}  # fmt: skip


def _scope(bank: int, name: str) -> str:
    return f"b{bank}_{name}"


def lay_down(connection: sqlite3.Connection, tables: dict[str, Rows]) -> None:
    """Write the rows of each table; raises Conflict when another writer formed some of the events."""
    for table, rows in tables.items():
        if not rows:
            continue
        if table == "units":
            _lay_units(connection, rows)
            continue
        keyed = _KEYS[table](rows) if table in _KEYS else rows
        done = connection.executemany(_STATEMENTS[table], keyed)
        if table == "formed" and done.rowcount != len(rows):
            raise Conflict(FORMED_MEANWHILE)


def _lay_units(connection: sqlite3.Connection, rows: Rows) -> None:
    keyed = [(*row, _scope(row[1], row[2])) for row in _keyed_by_bank(rows)]
    connection.executemany(_STATEMENTS["units"], keyed)
    # The full text index reads its texts from the rows, and is told of those that words find.
    lexical = [(row[0], row[9], row[6]) for row in keyed if "l" in row[4]]
    connection.executemany(_STATEMENTS["fts"], lexical)
