"""A write: log entries, rows and every index of them, gathered and laid down in one transaction."""

from __future__ import annotations

import sqlite3
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from mnemic.core.errors import Conflict
from mnemic.core.record import Record
from mnemic.core.times import to_micros
from mnemic.store.index.dense_index import sketch
from mnemic.store.index.lexical_index import count_terms
from mnemic.store.protocol import BankRow, Batch, Change, Unit, units_of
from mnemic.store.sqlite.packing import pack, pack_vector, unpack
from mnemic.store.sqlite.rows import dumps, intervals_of, known_units, marks_of, record_body, record_of, select_in

_INSERTS = {
    "log": "INSERT INTO log (pk, batch, at, kind, body) VALUES (?, ?, ?, ?, ?)",
    "events": "INSERT INTO events (pk, bank, id, session, occurred_at, sha) VALUES (?, ?, ?, ?, ?, ?)",
    "formed": "UPDATE events SET formed = 1 WHERE bank = ? AND id = ? AND formed = 0",
    "reopened": "UPDATE events SET formed = 0 WHERE bank = ? AND id = ?",
    "quarantined": "UPDATE events SET formed = 2 WHERE bank = ? AND id = ?",
    "rejected": "UPDATE events SET formed = 3 WHERE bank = ? AND id = ?",
    "versions": "INSERT INTO versions (bank, id, version, from_seq, to_seq, body) VALUES (?, ?, ?, ?, ?, ?)",
    "records": "INSERT INTO records (pk, bank, id, kind, state, session, actor, role, tier, epistemic, event_from,"
    " event_to, version, from_seq, changed_seq) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
    " ON CONFLICT (pk) DO UPDATE SET kind = excluded.kind, state = excluded.state, session = excluded.session,"
    " actor = excluded.actor, role = excluded.role, tier = excluded.tier, epistemic = excluded.epistemic,"
    " event_from = excluded.event_from, event_to = excluded.event_to, version = excluded.version,"
    " from_seq = excluded.from_seq, changed_seq = excluded.changed_seq",
    "bodies": "INSERT OR REPLACE INTO bodies (pk, body, stats) VALUES (?, ?, ?)",
    "units": "INSERT INTO units (pk, bank, name, sha, mode, text, scope, terms, counts, length)"
    " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
    "fts": "INSERT INTO fts (rowid, scope, terms) VALUES (?, ?, ?)",
    "vectors": "INSERT OR REPLACE INTO vectors (pk, emb) VALUES (?, ?)",
    "sketches": "INSERT OR REPLACE INTO sketches (pk, bits) VALUES (?, ?)",
    "keys": "INSERT INTO keys (pk, bank, n, name, unit, from_seq) VALUES (?, ?, ?, ?, ?, ?)",
    "closed": "UPDATE keys SET to_seq = ? WHERE bank = ? AND n = ? AND name = ? AND to_seq IS NULL",
    "unmarked": "DELETE FROM marks WHERE bank = ? AND field = ? AND value = ? AND n = ?",
    "marks": "INSERT OR IGNORE INTO marks (bank, field, value, n) VALUES (?, ?, ?, ?)",
    "unspanned": "DELETE FROM intervals WHERE bank = ? AND n = ?",
    "intervals": "INSERT INTO intervals (bank, n, low, high) VALUES (?, ?, ?, ?)",
    "unlinked": "UPDATE edges SET to_seq = ? WHERE bank = ? AND src = ? AND rel = ? AND dst = ? AND to_seq IS NULL",
    "edges": "INSERT OR REPLACE INTO edges (bank, src, rel, dst, from_seq, body) VALUES (?, ?, ?, ?, ?, ?)",
    "term_stats": "INSERT INTO term_stats (bank, name, term, df) VALUES (?, ?, ?, ?)"
    " ON CONFLICT (bank, name, term) DO UPDATE SET df = df + excluded.df",
    "unused": "DELETE FROM term_stats WHERE bank = ? AND name = ? AND term = ? AND df = 0",
    "length_stats": "INSERT INTO length_stats (bank, name, docs, total) VALUES (?, ?, ?, ?)"
    " ON CONFLICT (bank, name) DO UPDATE SET docs = docs + excluded.docs, total = total + excluded.total",
    "rules": "INSERT OR REPLACE INTO rules (bank, rule, seq, at) VALUES (?, ?, ?, ?)",
}


@dataclass(slots=True)
class SqliteTransaction:
    """A transaction on one bank, within BEGIN IMMEDIATE; see :class:`mnemic.store.protocol.Transaction`."""

    connection: sqlite3.Connection
    row: BankRow
    _next: dict[str, int] = field(default_factory=dict)
    _numbers: dict[str, int] = field(default_factory=dict)
    _from: dict[str, int] = field(default_factory=dict)
    _units: dict[tuple[str, str, bytes], int] = field(default_factory=dict)
    _pending: dict[str, list[tuple[Any, ...]]] = field(default_factory=dict)
    _df: Counter[tuple[str, str]] = field(default_factory=Counter)
    _lengths: dict[str, list[int]] = field(default_factory=dict)

    def records(self, ids: Iterable[str]) -> dict[str, Record]:
        """Records by id as they stand now; ids that are unknown are left out."""
        rows = select_in(
            self.connection,
            "SELECT r.id, r.pk, b.body, b.stats FROM records r JOIN bodies b ON b.pk = r.pk"
            " WHERE r.bank = ? AND r.id IN ({})",
            (self.row.bank,),
            list(ids),
        )
        out = {}
        for record_id, pk, body, stats in rows:
            self._numbers[record_id] = unpack(pk)
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
        counters = self.connection.execute(
            "SELECT next_n, next_key, next_unit FROM banks WHERE bank = ?", (self.row.bank,)
        ).fetchone()
        self._next = dict(zip(("n", "key", "unit"), counters, strict=True))
        self._prefetch(batch)
        for change in batch.changes:
            self._gather(change, batch)
        for (name, term), df in self._df.items():
            if df:
                self._add("term_stats", self.row.bank, name, term, df)
            if df < 0:
                self._add("unused", self.row.bank, name, term)
        for name, (docs, total) in self._lengths.items():
            self._add("length_stats", self.row.bank, name, docs, total)
        self._sketch()
        for table, statement in _INSERTS.items():
            if rows := self._pending.get(table):
                done = self.connection.executemany(statement, rows)
                if table == "formed" and done.rowcount != len(rows):
                    raise Conflict("another writer formed some of these events; read them again and retry")
        self._pending.clear()
        self._df.clear()
        self._lengths.clear()
        last = batch.changes[-1].entry
        self.row = replace(
            self.row,
            seq=last.seq,
            batch=last.batch,
            space=self.row.space if batch.space is None else batch.space,
            recipe=next((c.recipe for c in reversed(batch.changes) if c.recipe is not None), self.row.recipe),
        )
        self.connection.execute(
            "UPDATE banks SET next_n = ?, next_key = ?, next_unit = ?, seq = ?, batch = ?, space = ?, recipe = ?"
            " WHERE bank = ?",
            (
                self._next["n"],
                self._next["key"],
                self._next["unit"],
                self.row.seq,
                self.row.batch,
                self.row.space,
                self.row.recipe,
                self.row.bank,
            ),
        )

    def _add(self, table: str, *row: Any) -> None:
        self._pending.setdefault(table, []).append(row)

    def _sketch(self) -> None:
        if rows := self._pending.get("vectors"):
            matrix = np.frombuffer(b"".join([vector for _, vector in rows]), np.float32).reshape(len(rows), -1)
            self._pending["sketches"] = [
                (pk, bits.tobytes()) for (pk, _), bits in zip(rows, sketch(matrix), strict=True)
            ]

    def _prefetch(self, batch: Batch) -> None:
        units = (unit for change in batch.changes for _, new in change.records for unit in units_of(new))
        self._units.update(known_units(self.connection, self.row.bank, units))
        ids = {r.id for c in batch.changes for r in (*(new for _, new in c.records), *c.touched)}
        if missing := [record_id for record_id in ids if record_id not in self._numbers]:
            self.records(missing)

    def _gather(self, change: Change, batch: Batch) -> None:
        bank, entry = self.row.bank, change.entry
        op = entry.op
        self._add("log", pack(bank, entry.seq), entry.batch, to_micros(entry.at), op.kind, dumps(op.to_json()))
        for event in change.events:
            self._add(
                "events", pack(bank, entry.seq), bank, event.id, event.session, to_micros(event.occurred_at), event.sha
            )
        for event_id in change.formed:
            self._add("formed", bank, event_id)
        for event_id in change.reopened:
            self._add("reopened", bank, event_id)
        for event_id in change.quarantined:
            self._add("quarantined", bank, event_id)
        for event_id in change.rejected:
            self._add("rejected", bank, event_id)
        for rule, until in change.ran:
            self._add("rules", bank, rule, until, to_micros(entry.at))
        for old, new in change.records:
            self._put(old, new, entry.seq, batch)
        for record in change.touched:
            # Counters are not content: they change in place, without a version.
            body, stats = record_body(record)
            self._add("bodies", pack(bank, self._numbers[record.id]), body, stats)
        for edge in (*change.cut, *change.laid):
            self._add("unlinked", entry.seq, bank, edge.src, edge.rel, edge.dst)
        for edge in change.laid:
            self._add("edges", bank, edge.src, edge.rel, edge.dst, entry.seq, dumps(edge.to_json()))
        # An edge cut and laid again in one batch must keep the order of its ops.
        if change.cut or change.laid:
            for table in ("unlinked", "edges"):
                if rows := self._pending.pop(table, None):
                    self.connection.executemany(_INSERTS[table], rows)

    def _put(self, old: Record | None, new: Record, seq: int, batch: Batch) -> None:
        bank = self.row.bank
        if old is None:
            number = self._numbers[new.id] = self._next["n"]
            self._next["n"] += 1
        else:
            number = self._numbers[new.id]
            body, _ = record_body(old)
            since = self._since(old)
            self._add("versions", bank, old.id, old.version, since, seq, body)
        self._from[new.id] = seq
        body, stats = record_body(new)
        event = new.times.event
        self._add(
            "records", pack(bank, number), bank, new.id, new.kind, new.state, new.session, new.actor, new.role,
            new.tier, new.epistemic, to_micros(event.start) if event else None,
            to_micros(event.end) if event else None, new.version, seq, seq,
        )  # fmt: skip
        self._add("bodies", pack(bank, number), body, stats)
        self._index(old, new, number, seq, batch)
        before, after = (marks_of(old) if old else set()), marks_of(new)
        for mark in sorted(before - after):
            self._settle("unmarked", (bank, *mark, number), "marks")
        for mark in sorted(after - before):
            self._settle("marks", (bank, *mark, number), "unmarked")
        spans = intervals_of(new)
        if old is not None and intervals_of(old) != spans:
            self._add("unspanned", bank, number)
        if old is None or intervals_of(old) != spans:
            if old is not None:
                self._pending["intervals"] = [r for r in self._pending.get("intervals", []) if r[1] != number]
            for low, high in sorted(spans):
                self._add("intervals", bank, number, low, high)

    def _settle(self, table: str, row: tuple[Any, ...], opposite: str) -> None:
        # Rows are laid down table by table, so of two opposite orders within a batch only the later may stay.
        if (others := self._pending.get(opposite)) and row in others:
            others.remove(row)
        self._add(table, *row)

    def _since(self, old: Record) -> int:
        if old.id in self._from:
            return self._from[old.id]
        found = self.connection.execute(
            "SELECT from_seq FROM records WHERE bank = ? AND id = ?", (self.row.bank, old.id)
        ).fetchone()
        return int(found[0])

    def _index(self, old: Record | None, new: Record, number: int, seq: int, batch: Batch) -> None:
        before = {unit.name: unit for unit in units_of(old)} if old else {}
        after = {unit.name: unit for unit in units_of(new)}
        # Statistics are those of current records: what is set aside neither counts nor lengthens.
        was, now = old is not None and old.state == "active", new.state == "active"
        for name, unit in before.items():
            kept = after.get(name) == unit
            if not kept:
                self._close(unit, number, seq)
            if was and not (kept and now):
                self._count(unit, -1)
        for name, unit in after.items():
            kept = before.get(name) == unit
            counted = None if kept else self._open(unit, number, seq, batch)
            if now and not (kept and was):
                self._count(unit, 1, counted)

    def _close(self, unit: Unit, number: int, seq: int) -> None:
        open_here = [r for r in self._pending.get("keys", []) if r[2] == number and r[3] == unit.name]
        if open_here:
            # Opened and closed within one batch: lay the row down first, so that the closing finds it.
            self.connection.executemany(_INSERTS["keys"], self._pending.pop("keys"))
        self.connection.execute(_INSERTS["closed"], (seq, self.row.bank, number, unit.name))

    def _open(self, unit: Unit, number: int, seq: int, batch: Batch) -> tuple[str, bytes, int] | None:
        bank = self.row.bank
        identity = (unit.name, unit.mode, unit.sha)
        place = self._units.get(identity)
        counted = None
        if place is None:
            place = self._units[identity] = self._next["unit"]
            self._next["unit"] += 1
            scope = f"b{bank}_{unit.name}"
            row, counts, length = counted = count_terms(unit.text) if "l" in unit.mode else ("", b"", 0)
            text = unit.text if "d" in unit.mode else ""
            self._add(
                "units", pack(bank, place), bank, unit.name, unit.sha, unit.mode, text, scope, row, counts, length
            )
            if "l" in unit.mode:
                self._add("fts", pack(bank, place), scope, row)
            vector = batch.vectors.get(identity)
            space = self.row.space if batch.space is None else batch.space
            if vector is not None and space is not None:
                pk = pack_vector(space, bank, place)
                self._add("vectors", pk, vector)
        self._add("keys", pack(bank, self._next["key"]), bank, number, unit.name, place, seq)
        self._next["key"] += 1
        return counted

    def _count(self, unit: Unit, sign: int, counted: tuple[str, bytes, int] | None = None) -> None:
        if "l" not in unit.mode:
            return
        row, _, length = counted or count_terms(unit.text)
        for term in set(row.split()):
            self._df[unit.name, term] += sign
        totals = self._lengths.setdefault(unit.name, [0, 0])
        totals[0] += sign
        totals[1] += sign * length
