"""A write: log entries, rows and every index of them, gathered and laid down in one transaction."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from mnemic.core.errors import Conflict
from mnemic.core.record import Record
from mnemic.store.gathering import FORMED_MEANWHILE, Gathering, Known, placed
from mnemic.store.protocol import BankRow, Batch
from mnemic.store.rows import record_of
from mnemic.store.sqlite.packing import pack, pack_vector, unpack
from mnemic.store.sqlite.rows import known_units, select_in

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


@dataclass(slots=True)
class SqliteTransaction:
    """A transaction on one bank, within BEGIN IMMEDIATE; see :class:`mnemic.store.protocol.Transaction`."""

    connection: sqlite3.Connection
    row: BankRow
    _known: Known | None = None

    @property
    def known(self) -> Known:
        """What this transaction knows of its bank."""
        if self._known is None:
            counters = self.connection.execute(
                "SELECT next_n, next_key, next_unit FROM banks WHERE bank = ?", (self.row.bank,)
            ).fetchone()
            self._known = Known(*counters)
        return self._known

    def records(self, ids: Iterable[str]) -> dict[str, Record]:
        """Records by id as they stand now; ids that are unknown are left out."""
        rows = select_in(
            self.connection,
            "SELECT r.id, r.pk, r.from_seq, b.body, b.stats FROM records r JOIN bodies b ON b.pk = r.pk"
            " WHERE r.bank = ? AND r.id IN ({})",
            (self.row.bank,),
            list(ids),
        )
        out = {}
        for record_id, pk, since, body, stats in rows:
            self.known.numbers[record_id] = unpack(pk)
            self.known.since[record_id] = since
            out[record_id] = record_of(body, stats, self.row.name)
        return out

    def event_shas(self, ids: Sequence[str]) -> dict[str, str]:
        """Content hashes of the events that are already in evidence."""
        return dict(
            select_in(
                self.connection, "SELECT id, sha FROM events WHERE bank = ? AND id IN ({})", (self.row.bank,), ids
            )
        )

    def ran(self, rule: str) -> int:
        """The seq up to which a rule of evolution has looked; 0 when it never ran."""
        row = self.connection.execute(
            "SELECT seq FROM rules WHERE bank = ? AND rule = ?", (self.row.bank, rule)
        ).fetchone()
        return int(row[0]) if row else 0

    def apply(self, batch: Batch) -> None:
        """Lay down a batch: log, rows and indexes. Nothing is visible before the transaction commits."""
        if not batch.changes:
            return
        known, bank = self.known, self.row.bank
        self.records(known.missing(batch))
        known.units.update(known_units(self.connection, bank, known.wanted_units(batch)))
        space = self.row.space if batch.space is None else batch.space
        self._lay_down(placed(Gathering(bank, space, known).gather(batch), bank))
        last = batch.changes[-1].entry
        self.row = replace(
            self.row,
            seq=last.seq,
            batch=last.batch,
            space=space,
            recipe=next((c.recipe for c in reversed(batch.changes) if c.recipe is not None), self.row.recipe),
        )
        self.connection.execute(
            "UPDATE banks SET next_n = ?, next_key = ?, next_unit = ?, seq = ?, batch = ?, space = ?, recipe = ?"
            " WHERE bank = ?",
            (
                known.n, known.key, known.unit, self.row.seq, self.row.batch, self.row.space, self.row.recipe, bank,
            ),
        )  # fmt: skip

    def _lay_down(self, tables: dict[str, Rows]) -> None:
        for table, rows in tables.items():
            if not rows:
                continue
            if table == "units":
                self._lay_units(rows)
                continue
            keyed = _KEYS[table](rows) if table in _KEYS else rows
            done = self.connection.executemany(_STATEMENTS[table], keyed)
            if table == "formed" and done.rowcount != len(rows):
                raise Conflict(FORMED_MEANWHILE)

    def _lay_units(self, rows: Rows) -> None:
        keyed = [(*row, _scope(row[1], row[2])) for row in _keyed_by_bank(rows)]
        self.connection.executemany(_STATEMENTS["units"], keyed)
        # The full text index reads its texts from the rows, and is told of those that words find.
        lexical = [(row[0], row[9], row[6]) for row in keyed if "l" in row[4]]
        self.connection.executemany(_STATEMENTS["fts"], lexical)
