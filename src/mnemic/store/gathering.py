"""What a batch of changes lays down, as rows of every table: the same rows on every engine.

Rows name their bank and their place in it; how both are written as keys is the engine's own. What one op of a batch
takes back of what a former one did is settled here, so that an engine may lay rows down table by table.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from mnemic.core.errors import Conflict
from mnemic.core.record import Record
from mnemic.core.times import to_micros
from mnemic.store.index.dense_index import sketch
from mnemic.store.index.lexical_index import count_terms
from mnemic.store.protocol import Batch, Change, Unit, units_of
from mnemic.store.rows import dumps, intervals_of, marks_of, record_body

WAITING, FORMED, QUARANTINED, REJECTED = range(4)
FORMED_MEANWHILE = "another writer formed some of these events; read them again and retry"

Row = tuple[Any, ...]


@dataclass(slots=True)
class Known:
    """What a transaction knows of its bank: next places by table, places and first seqs of records, units."""

    n: int
    key: int
    unit: int
    numbers: dict[str, int] = field(default_factory=dict)
    since: dict[str, int] = field(default_factory=dict)
    units: dict[tuple[str, str, bytes], int] = field(default_factory=dict)

    def missing(self, batch: Batch) -> list[str]:
        """Ids of records that a batch changes and of which nothing is known yet."""
        ids = {r.id for c in batch.changes for r in (*(new for _, new in c.records), *c.touched)}
        return [record_id for record_id in ids if record_id not in self.numbers]

    @staticmethod
    def wanted_units(batch: Batch) -> list[Unit]:
        """The units that a batch's records are found under."""
        return [unit for change in batch.changes for _, new in change.records for unit in units_of(new)]


@dataclass(slots=True)
class Gathered:
    """Rows by table, in the order in which they are to be laid down.

    ``formed``, ``settled``, ``closed``, ``unmarked``, ``unspanned`` and ``unlinked`` change rows that are there;
    ``records`` and ``bodies`` replace those of their place: from place ``first`` on none is there yet.
    """

    first: int
    log: list[Row] = field(default_factory=list)
    events: dict[str, list[Any]] = field(default_factory=dict)
    #: Events that must be waiting as the store has them, else another writer was faster.
    formed: dict[str, None] = field(default_factory=dict)
    settled: dict[str, int] = field(default_factory=dict)
    versions: list[Row] = field(default_factory=list)
    records: dict[int, Row] = field(default_factory=dict)
    bodies: dict[int, Row] = field(default_factory=dict)
    units: list[Row] = field(default_factory=list)
    vectors: list[Row] = field(default_factory=list)
    sketches: list[Row] = field(default_factory=list)
    closed: list[Row] = field(default_factory=list)
    keys: list[list[Any]] = field(default_factory=list)
    unmarked: dict[Row, None] = field(default_factory=dict)
    marks: dict[Row, None] = field(default_factory=dict)
    unspanned: dict[int, None] = field(default_factory=dict)
    intervals: dict[int, list[Row]] = field(default_factory=dict)
    unlinked: list[Row] = field(default_factory=list)
    edges: list[list[Any]] = field(default_factory=list)
    term_stats: list[Row] = field(default_factory=list)
    unused: list[Row] = field(default_factory=list)
    length_stats: list[Row] = field(default_factory=list)
    rules: dict[str, Row] = field(default_factory=dict)


@dataclass(slots=True)
class Gathering:
    """Gathers the rows of one batch of one bank; ``space`` is the embedding space that it will be in."""

    bank: int
    space: int | None
    known: Known
    rows: Gathered = field(init=False)
    _open_keys: dict[tuple[int, str], list[Any]] = field(default_factory=dict)
    _open_edges: dict[tuple[str, str, str], list[Any]] = field(default_factory=dict)
    _states: dict[str, int] = field(default_factory=dict)
    _df: Counter[tuple[str, str]] = field(default_factory=Counter)
    _lengths: dict[str, list[int]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.rows = Gathered(self.known.n)

    def gather(self, batch: Batch) -> Gathered:
        """The rows of a batch; the known places grow by what is new. Raises Conflict."""
        for change in batch.changes:
            self._gather(change, batch)
        for (name, term), df in self._df.items():
            if df:
                self.rows.term_stats.append((self.bank, name, term, df))
            if df < 0:
                self.rows.unused.append((self.bank, name, term))
        self.rows.length_stats.extend((self.bank, name, *totals) for name, totals in self._lengths.items())
        self._sketch()
        return self.rows

    def _sketch(self) -> None:
        if rows := self.rows.vectors:
            matrix = np.frombuffer(b"".join([row[3] for row in rows]), np.float32).reshape(len(rows), -1)
            self.rows.sketches = [(*row[:3], bits.tobytes()) for row, bits in zip(rows, sketch(matrix), strict=True)]

    def _gather(self, change: Change, batch: Batch) -> None:
        entry, op, rows = change.entry, change.entry.op, self.rows
        rows.log.append((self.bank, entry.seq, entry.batch, to_micros(entry.at), op.kind, dumps(op.to_json())))
        for event in change.events:
            self._states[event.id] = WAITING
            rows.events[event.id] = [
                self.bank, entry.seq, event.id, event.session, to_micros(event.occurred_at), WAITING, event.sha,
            ]  # fmt: skip
        for event_id in change.formed:
            self._form(event_id)
        for ids, state in (
            (change.reopened, WAITING), (change.quarantined, QUARANTINED), (change.rejected, REJECTED),
        ):  # fmt: skip
            for event_id in ids:
                self._settle(event_id, state)
        for rule, until in change.ran:
            rows.rules[rule] = (self.bank, rule, until, to_micros(entry.at))
        for old, new in change.records:
            self._put(old, new, entry.seq, batch)
        for record in change.touched:
            # Counters are not content: they change in place, without a version.
            number = self.known.numbers[record.id]
            rows.bodies[number] = (self.bank, number, *record_body(record))
        for edge in (*change.cut, *change.laid):
            self._cut((edge.src, edge.rel, edge.dst), entry.seq)
        for edge in change.laid:
            self._lay((edge.src, edge.rel, edge.dst), entry.seq, dumps(edge.to_json()))

    def _form(self, event_id: str) -> None:
        state = self._states.get(event_id)
        if state is None:
            self.rows.formed[event_id] = None
            self._states[event_id] = FORMED
        elif state == WAITING:
            self._settle(event_id, FORMED)
        else:
            raise Conflict(FORMED_MEANWHILE)

    def _settle(self, event_id: str, state: int) -> None:
        self._states[event_id] = state
        if event_id in self.rows.events:
            self.rows.events[event_id][5] = state
        else:
            self.rows.settled[event_id] = state

    def _cut(self, edge: tuple[str, str, str], seq: int) -> None:
        row = self._open_edges.pop(edge, None)
        if row is None:
            self.rows.unlinked.append((seq, self.bank, *edge))
        else:
            row[5] = seq

    def _lay(self, edge: tuple[str, str, str], seq: int, body: str) -> None:
        row = self._open_edges.get(edge)
        if row is not None:
            # Named twice by one op: the later wording stays.
            row[6] = body
            return
        row = self._open_edges[edge] = [self.bank, *edge, seq, None, body]
        self.rows.edges.append(row)

    def _put(self, old: Record | None, new: Record, seq: int, batch: Batch) -> None:
        bank, known, rows = self.bank, self.known, self.rows
        if old is None:
            # What is laid down anew after an erasure has its place already.
            number = known.numbers.setdefault(new.id, known.n)
            known.n = max(known.n, number + 1)
        else:
            number = known.numbers[new.id]
            rows.versions.append((bank, old.id, old.version, known.since[old.id], seq, record_body(old)[0]))
        known.since[new.id] = seq
        event = new.times.event
        rows.records[number] = (
            bank, number, new.id, new.kind, new.state, new.session, new.actor, new.role, new.tier, new.epistemic,
            to_micros(event.start) if event else None, to_micros(event.end) if event else None, new.version, seq, seq,
        )  # fmt: skip
        rows.bodies[number] = (bank, number, *record_body(new))
        self._index(old, new, number, seq, batch)
        before, after = (marks_of(old) if old else set()), marks_of(new)
        for mark in sorted(before - after):
            self._move((bank, *mark, number), rows.marks, rows.unmarked)
        for mark in sorted(after - before):
            self._move((bank, *mark, number), rows.unmarked, rows.marks)
        spans = intervals_of(new)
        if old is None or intervals_of(old) != spans:
            if old is not None:
                rows.unspanned[number] = None
            rows.intervals[number] = [(bank, number, low, high) for low, high in sorted(spans)]

    @staticmethod
    def _move(row: Row, opposite: dict[Row, None], table: dict[Row, None]) -> None:
        # Of two opposite orders within a batch only the later may stay.
        opposite.pop(row, None)
        table[row] = None

    def _index(self, old: Record | None, new: Record, number: int, seq: int, batch: Batch) -> None:
        before = {unit.name: unit for unit in units_of(old)} if old else {}
        after = {unit.name: unit for unit in units_of(new)}
        # Statistics are those of current records: what is set aside neither counts nor lengthens.
        was, now = old is not None and old.state == "active", new.state == "active"
        for name, unit in before.items():
            kept = after.get(name) == unit
            if not kept:
                self._close(name, number, seq)
            if was and not (kept and now):
                self._count(unit, -1)
        for name, unit in after.items():
            kept = before.get(name) == unit
            counted = None if kept else self._open(unit, number, seq, batch)
            if now and not (kept and was):
                self._count(unit, 1, counted)

    def _close(self, name: str, number: int, seq: int) -> None:
        row = self._open_keys.pop((number, name), None)
        if row is None:
            self.rows.closed.append((seq, self.bank, number, name))
        else:
            row[6] = seq

    def _open(self, unit: Unit, number: int, seq: int, batch: Batch) -> tuple[str, bytes, int] | None:
        bank, known = self.bank, self.known
        identity = (unit.name, unit.mode, unit.sha)
        place = known.units.get(identity)
        counted = None
        if place is None:
            place = known.units[identity] = known.unit
            known.unit += 1
            counted = count_terms(unit.text) if "l" in unit.mode else ("", b"", 0)
            text = unit.text if "d" in unit.mode else ""
            self.rows.units.append((bank, place, unit.name, unit.sha, unit.mode, text, *counted))
            vector = batch.vectors.get(identity)
            if vector is not None and self.space is not None:
                self.rows.vectors.append((bank, self.space, place, vector))
        row = self._open_keys[number, unit.name] = [bank, known.key, number, unit.name, place, seq, None]
        self.rows.keys.append(row)
        known.key += 1
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


def placed(rows: Gathered, bank: int) -> dict[str, Sequence[Sequence[Any]]]:
    """The rows of every table as sequences, in the order in which they must be laid down."""
    return {
        "log": rows.log,
        "events": list(rows.events.values()),
        "formed": [(bank, event_id) for event_id in rows.formed],
        "settled": [(state, bank, event_id) for event_id, state in rows.settled.items()],
        "versions": rows.versions,
        "records": list(rows.records.values()),
        "bodies": list(rows.bodies.values()),
        "units": rows.units,
        "vectors": rows.vectors,
        "sketches": rows.sketches,
        "closed": rows.closed,
        "keys": rows.keys,
        "unmarked": list(rows.unmarked),
        "marks": list(rows.marks),
        "unspanned": [(bank, number) for number in rows.unspanned],
        "intervals": [row for rows_of_one in rows.intervals.values() for row in rows_of_one],
        "unlinked": rows.unlinked,
        "edges": rows.edges,
        "term_stats": rows.term_stats,
        "unused": rows.unused,
        "length_stats": rows.length_stats,
        "rules": list(rows.rules.values()),
    }
