"""A bank at one point of its log, read in one SQLite read transaction."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import chain
from typing import Any

from mnemic.core.evidence import Event
from mnemic.core.op import LogEntry
from mnemic.core.record import Edge, Record
from mnemic.core.times import from_micros, to_micros
from mnemic.store.fingerprint import fingerprint
from mnemic.store.index.bank_index import BankIndex
from mnemic.store.index.cache import IndexCache
from mnemic.store.index.key_index import KeyIndex
from mnemic.store.past import Touches, grouped, past_marks, record_as_it_was, touches_of
from mnemic.store.protocol import Unit, Version
from mnemic.store.rows import record_of
from mnemic.store.sealed_rows import beside_of, edges_of
from mnemic.store.sqlite.index_source import SqliteSource
from mnemic.store.sqlite.packing import bounds, pack, place, unpack, vector_bounds
from mnemic.store.sqlite.rows import known_units, logged, marks, select_in


@dataclass(slots=True)
class SqliteSnapshot(SqliteSource):
    """See :class:`mnemic.store.protocol.Snapshot`. ``at`` is a past seq, or None for the present."""

    cache: IndexCache
    file: str
    _marks_then: dict[tuple[str, bool], list[tuple[str, int]]] = field(default_factory=dict, repr=False)
    _index: BankIndex | None = field(default=None, repr=False)
    _touched: Touches | None = field(default=None, repr=False)

    @property
    def slot(self) -> tuple[str, int, int]:
        """Where the bank's index is kept."""
        return self.file, self.row.bank, self.row.space or 0

    def admits_matrix(self, key: KeyIndex, dim: int) -> bool:
        """Whether the exact vectors of a key may be held in memory."""
        return self.cache.admits_matrix(self.slot, key, dim)

    def index(self) -> BankIndex:
        """The bank's search index; that of the past is built for this snapshot alone."""
        if self._index is None:
            self._index = self.cache.index(self.slot, self, self.at)
        return self._index

    def records(self, ids: Iterable[str]) -> dict[str, Record]:
        """Records by id as they were at this point; unknown ids are left out."""
        wanted = list(dict.fromkeys(ids))
        if self.at is not None:
            return {r.id: r for r in (self._past(record_id) for record_id in wanted) if r is not None}
        found = {}
        # Where the index is at hand it knows the row of each id, which saves two of three descents.
        place_of = self._index.place_of if self._index is not None else {}
        keys = [pack(self.row.bank, place_of[i] + 1) for i in wanted if i in place_of]
        placed = select_in(self.connection, "SELECT body, stats FROM bodies WHERE pk IN ({})", (), keys)
        named = select_in(
            self.connection,
            "SELECT b.body, b.stats FROM records r JOIN bodies b ON b.pk = r.pk WHERE r.bank = ? AND r.id IN ({})",
            (self.row.bank,),
            list(self.codec.sealed_all("records.id", (i for i in wanted if i not in place_of))),
        )
        for body, stats in self.codec.opened(chain(placed, named), "bodies.body", "bodies.stats"):
            record = record_of(body, stats, self.row.name)
            found[record.id] = record
        return {record_id: found[record_id] for record_id in wanted if record_id in found}

    def _past(self, record_id: str) -> Record | None:
        versions = self.versions(record_id)
        if not versions:
            return None
        made_by = next(iter(self.log(versions[0].from_seq - 1, versions[0].from_seq)))
        if self._touched is None:
            rows = self.connection.execute(
                "SELECT pk, batch, at, body FROM log WHERE kind = 'TOUCH' AND pk BETWEEN ? AND ? ORDER BY pk",
                (bounds(self.row.bank)[0], pack(self.row.bank, self.seq)),
            )
            self._touched = touches_of(logged(rows, self.codec))
        return record_as_it_was(versions, made_by, self._touched)

    def versions(self, record_id: str) -> list[Version]:
        """Every version of a record from first to current; those after this point are left out."""
        named = self.codec.seal("records.id", record_id)
        rows = self.connection.execute(
            "SELECT body, from_seq, to_seq, NULL FROM versions WHERE bank = ? AND id = ?"
            " UNION ALL SELECT b.body, r.from_seq, NULL, b.stats FROM records r JOIN bodies b ON b.pk = r.pk"
            " WHERE r.bank = ? AND r.id = ? ORDER BY 2",
            (self.row.bank, named, self.row.bank, named),
        )
        opened = self.codec.opened(rows, "bodies.body", "", "", "bodies.stats")
        return [Version(record_of(b, stats or "{}", self.row.name), f, t) for b, f, t, stats in opened if f <= self.seq]

    def events(self, ids: Sequence[str]) -> dict[str, Event]:
        """Events by id."""
        rows = select_in(
            self.connection,
            "SELECT l.pk, l.batch, l.at, l.body FROM events e JOIN log l ON l.pk = e.pk"
            " WHERE e.bank = ? AND e.id IN ({})",
            (self.row.bank,),
            list(self.codec.sealed_all("events.id", ids)),
        )
        found = {event.id: event for event in self._events(rows)}
        return {event_id: found[event_id] for event_id in ids if event_id in found}

    def _events(self, rows: Iterable[Sequence[object]]) -> Iterator[Event]:
        for entry in logged(rows, self.codec):
            if entry.op.event is not None and entry.seq <= self.seq:
                yield entry.op.event

    def session_events(self, session: str, *, before: int | None, last: int | None) -> list[Event]:
        """A session's events in order but those kept back, only with seq below ``before``, only the ``last`` ones."""
        end = self.seq + 1 if before is None else min(before, self.seq + 1)
        rows = self.connection.execute(
            "SELECT l.pk, l.batch, l.at, l.body FROM events e JOIN log l ON l.pk = e.pk"
            " WHERE e.bank = ? AND e.session = ? AND e.pk < ? AND e.formed < 2 ORDER BY e.pk DESC LIMIT ?",
            (
                self.row.bank,
                self.codec.seal("events.session", session),
                pack(self.row.bank, place(end)),
                -1 if last is None else last,
            ),
        )
        return list(self._events(rows))[::-1]

    def event_page(self, session: str | None, after: int, limit: int) -> list[Event]:
        """Up to ``limit`` events behind seq ``after``, in order."""
        session = self.codec.seal("events.session", session)
        rows = self.connection.execute(
            "SELECT l.pk, l.batch, l.at, l.body FROM events e JOIN log l ON l.pk = e.pk"
            " WHERE e.pk > ? AND e.pk <= ? AND (? IS NULL OR e.session = ?) ORDER BY e.pk LIMIT ?",
            (pack(self.row.bank, place(after)), pack(self.row.bank, self.seq), session, session, max(0, limit)),
        )
        return list(self._events(rows))

    def unformed(self, session: str | None) -> list[Event]:
        """Events that formation has not yet used, in order."""
        session = self.codec.seal("events.session", session)
        rows = self.connection.execute(
            "SELECT l.pk, l.batch, l.at, l.body FROM events e JOIN log l ON l.pk = e.pk"
            " WHERE e.bank = ? AND e.formed = 0 AND (? IS NULL OR e.session = ?) ORDER BY e.pk",
            (self.row.bank, session, session),
        )
        return list(self._events(rows))

    def kept_back(self) -> list[Event]:
        """Events that are quarantined, in order."""
        rows = self.connection.execute(
            "SELECT l.pk, l.batch, l.at, l.body FROM events e JOIN log l ON l.pk = e.pk"
            " WHERE e.bank = ? AND e.formed = 2 ORDER BY e.pk",
            (self.row.bank,),
        )
        return list(self._events(rows))

    def sessions(self) -> list[tuple[str, int]]:
        """Sessions and how many events each has, in order of their first event."""
        rows = self.connection.execute(
            "SELECT session, COUNT(*) FROM events WHERE bank = ? AND pk <= ? GROUP BY session ORDER BY MIN(pk)",
            (self.row.bank, pack(self.row.bank, self.seq)),
        )
        return [(session, count) for session, count in self.codec.opened(rows, "events.session")]

    def edges(self, ids: Sequence[str], rels: Sequence[str] | None, direction: str) -> list[Edge]:
        """Edges that leave, reach or touch the records, at this point of the log."""
        columns = {"out": ("src",), "in": ("dst",), "both": ("src", "dst")}[direction]
        kinds = f" AND rel IN ({marks(len(set(rels)))})" if rels is not None else ""
        found: dict[tuple[str, str, str], Edge] = {}
        for column in columns:
            rows = select_in(
                self.connection,
                f"SELECT body FROM edges WHERE bank = ?{kinds} AND from_seq <= ? AND (to_seq IS NULL OR to_seq > ?)"
                f" AND {column} IN ({{}}) ORDER BY src, rel, dst",
                (self.row.bank, *self.codec.sealed_all("edges.rel", rels or ()), self.seq, self.seq),
                list(self.codec.sealed_all(f"edges.{column}", ids)),
            )
            for edge in edges_of(rows, self.codec):
                found[edge.src, edge.rel, edge.dst] = edge
        return list(found.values())

    def marked(self, field: str, values: Sequence[str]) -> dict[str, list[int]]:
        """Record numbers by word of ``field`` (entity | tag | label), compared without case."""
        wanted = list(dict.fromkeys(value.casefold() for value in values))
        rows: Iterable[tuple[str, int]]
        if self.at is not None:
            rows = [mark for mark in self._past_marks(field) if mark[0] in set(wanted)]
        else:
            rows = select_in(
                self.connection,
                "SELECT value, n FROM marks WHERE bank = ? AND field = ? AND value IN ({}) ORDER BY n",
                (self.row.bank, field),
                list(self.codec.sealed_all("marks.value", wanted)),
            )
            rows = self.codec.opened(rows, "marks.value")
        out: dict[str, list[int]] = {}
        for value, number in rows:
            out.setdefault(value, []).append(number)
        return out

    def labelled(self) -> dict[str, list[int]]:
        """Record numbers by label as of this point and of now: what is kept out now is kept out of the past."""
        statement = "SELECT value, n FROM marks WHERE bank = ? AND field = 'label'"
        rows = self.codec.opened(self.connection.execute(statement, (self.row.bank,)), "marks.value")
        past = () if self.at is None else self._past_marks("label")
        return grouped((*rows, *past))

    def mark_counts(self, field: str) -> dict[str, int]:
        """How many current records carry each word of ``field``."""
        if self.at is not None:
            return dict(Counter(word for word, _ in self._past_marks(field, current=True)))
        # One pass over the records and one over the marks: to look up each mark on its own takes three times as long.
        first, end = pack(self.row.bank, 0), pack(self.row.bank + 1, 0)
        rows = self.connection.execute(
            "SELECT value, COUNT(*) FROM marks WHERE bank = ? AND field = ? AND n IN (SELECT pk - ? FROM records"
            " WHERE pk >= ? AND pk < ? AND state = 'active' AND kind <> 'secret') GROUP BY value",
            (self.row.bank, field, first, first, end),
        )
        return dict(sorted(self.codec.opened(rows, "marks.value")))

    def _past_marks(self, field: str, *, current: bool = False) -> Iterator[tuple[str, int]]:
        # A read asks several times, and each answer takes the whole bank.
        if (field, current) not in self._marks_then:
            records = ((unpack(pk), record) for pk, record in self.past_records())
            self._marks_then[field, current] = list(past_marks(records, field, current=current))
        return iter(self._marks_then[field, current])

    def log(self, after: int = 0, until: int | None = None) -> Iterator[LogEntry]:
        """The log's entries behind ``after``, up to and with ``until``."""
        last = self.seq if until is None else place(min(until, self.seq))
        rows = self.connection.execute(
            "SELECT pk, batch, at, body FROM log WHERE pk > ? AND pk <= ? ORDER BY pk",
            (pack(self.row.bank, place(after)), pack(self.row.bank, last)),
        )
        return logged(rows, self.codec)

    def raw_log(self) -> Iterator[tuple[int, int, str, str]]:
        """Every entry as it is kept: seq, batch, kind, and body as JSON."""
        rows = self.connection.execute(
            "SELECT pk, batch, kind, body FROM log WHERE pk BETWEEN ? AND ? ORDER BY pk",
            (bounds(self.row.bank)[0], pack(self.row.bank, self.seq)),
        )
        opened = self.codec.opened(rows, "", "", "", "log.body")
        return ((unpack(pk), batch, kind, body) for pk, batch, kind, body in opened)

    def raw_beside(self, table: str) -> Iterator[tuple[Any, str]]:
        """What is kept beside the log, as (name, JSON): ``receipts``, ``answers``, ``notes`` by (kind, id)."""
        names = {"receipts": "id, body", "answers": "key, answer", "notes": "kind, id, body"}[table]
        rows = self.connection.execute(f"SELECT {names} FROM {table} WHERE bank = ?", (self.row.bank,))
        return beside_of(table, rows, self.codec)

    def log_at(self, when: datetime) -> int:
        """The seq of the last entry that was made at or before an instant; 0 when there is none."""
        row = self.connection.execute(
            "SELECT MAX(pk) FROM log WHERE pk BETWEEN ? AND ? AND at <= ?",
            (*bounds(self.row.bank), to_micros(when)),
        ).fetchone()
        return unpack(row[0]) if row and row[0] is not None else 0

    def unit_ids(self, units: Sequence[Unit]) -> dict[tuple[str, str, bytes], int]:
        """Those of the units that the bank already has, with their numbers."""
        return known_units(self.connection, self.row.bank, units, self.codec)

    def dense_units(self) -> dict[tuple[str, str, bytes], int]:
        """Every unit that has a vector, with its number, in order of making."""
        rows = self.connection.execute(
            "SELECT name, mode, sha, pk FROM units WHERE pk BETWEEN ? AND ? AND mode LIKE '%d%' ORDER BY pk",
            bounds(self.row.bank),
        )
        opened = self.codec.opened(rows, "", "", "units.sha")
        return {(name, mode, bytes(sha)): unpack(pk) for name, mode, sha, pk in opened}

    def rules(self) -> dict[str, tuple[int, datetime]]:
        """When each rule of evolution last ran: seq and instant."""
        rows = self.connection.execute("SELECT rule, seq, at FROM rules WHERE bank = ?", (self.row.bank,))
        opened = self.codec.opened(rows, "rules.rule")
        return {rule: (seq, from_micros(at)) for rule, seq, at in opened}

    def counters(self) -> dict[str, int]:
        """How much the bank holds, by table."""
        low, high = bounds(self.row.bank)
        out = {"ops": self.seq}
        for table in ("events", "records", "units", "keys"):
            out[table] = self.connection.execute(
                f"SELECT COUNT(*) FROM {table} WHERE pk BETWEEN ? AND ?", (low, high)
            ).fetchone()[0]
        # The place of an erased record is kept, so that those of others stay.
        out["records"] -= self.connection.execute(
            "SELECT COUNT(*) FROM records WHERE bank = ? AND state = 'erased'", (self.row.bank,)
        ).fetchone()[0]
        space = vector_bounds(self.row.space or 0, self.row.bank)
        for table, where, values in (
            ("vectors", "pk BETWEEN ? AND ?", space),
            ("edges", "bank = ? AND to_seq IS NULL", (self.row.bank,)),
            ("receipts", "bank = ?", (self.row.bank,)),
        ):
            out[table] = self.connection.execute(f"SELECT COUNT(*) FROM {table} WHERE {where}", values).fetchone()[0]
        return out

    def fingerprint(self) -> str:
        """A hash of all that the bank holds, but its name and its place in the file."""
        bank, connection = self.row.bank, self.connection

        def lying(table: str, columns: str, order: str) -> Iterator[Sequence[Any]]:
            stored = columns.replace("place", f"pk - {pack(bank, 0)}"), order.replace("place", "pk")
            return connection.execute(f"SELECT {stored[0]} FROM {table} WHERE bank = ? ORDER BY {stored[1]}", (bank,))

        def rows(table: str, columns: str, order: str) -> Iterable[Sequence[Any]]:
            return self.codec.table(table, columns, order, lying)

        bodies = connection.execute(
            "SELECT pk, body, stats FROM bodies WHERE pk BETWEEN ? AND ? ORDER BY pk", bounds(bank)
        )
        opened = self.codec.opened(bodies, "", "bodies.body", "bodies.stats")
        placed = ((unpack(pk), body, stats) for pk, body, stats in opened)
        return fingerprint(rows, self.log(), placed, (self.vectors(None), self.sketches(None)))
