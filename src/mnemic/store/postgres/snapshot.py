"""A bank at one point of its log, read in one read transaction of PostgreSQL."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
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
from mnemic.store.postgres.index_source import PostgresSource
from mnemic.store.postgres.rows import known_units, word_hash
from mnemic.store.protocol import Unit, Version
from mnemic.store.rows import entry_of, record_of
from mnemic.store.sealed_rows import beside_of, edges_of

_ENTRY = "SELECT l.seq, l.batch, l.at, l.body FROM"
_EVENT = f"{_ENTRY} events e JOIN log l ON l.bank = e.bank AND l.seq = e.seq WHERE e.bank = %s"
#: Entries of the log that are read at a time.
_PAGE = 2_000
#: No seq of a log is as high.
_LAST = (1 << 63) - 1
_PLACES = {"events": "seq", "records": "n", "units": "unit", "keys": "key"}


@dataclass(slots=True)
class PostgresSnapshot(PostgresSource):
    """See :class:`mnemic.store.protocol.Snapshot`. ``at`` is a past seq, or None for the present."""

    cache: IndexCache
    store: str
    _index: BankIndex | None = field(default=None, repr=False)
    _touched: Touches | None = field(default=None, repr=False)

    @property
    def slot(self) -> tuple[str, int, int]:
        """Where the bank's index is kept."""
        return self.store, self.row.bank, self.row.space or 0

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
        # Where the index is at hand it knows the place of each id, which saves a join.
        place_of = self._index.place_of if self._index is not None else {}
        found: dict[str, Record] = {}
        for statement, given in (
            (
                "SELECT body, stats FROM bodies WHERE bank = %s AND n = ANY(%s)",
                [place_of[i] + 1 for i in wanted if i in place_of],
            ),
            (
                "SELECT b.body, b.stats FROM records r JOIN bodies b ON b.bank = r.bank AND b.n = r.n"
                " WHERE r.bank = %s AND r.id = ANY(%s)",
                list(self.codec.sealed_all("records.id", (i for i in wanted if i not in place_of))),
            ),
        ):
            rows = self.session.rows(statement, (self.row.bank, given)) if given else []
            opened = self.codec.opened(rows, "bodies.body", "bodies.stats")
            made = (record_of(body, stats, self.row.name) for body, stats in opened)
            found.update((record.id, record) for record in made)
        return {record_id: found[record_id] for record_id in wanted if record_id in found}

    def _past(self, record_id: str) -> Record | None:
        versions = self.versions(record_id)
        if not versions:
            return None
        made_by = next(iter(self.log(versions[0].from_seq - 1, versions[0].from_seq)))
        if self._touched is None:
            rows = self.session.rows(
                f"{_ENTRY} log l WHERE l.bank = %s AND l.kind = 'TOUCH' AND l.seq <= %s ORDER BY l.seq",
                (self.row.bank, self.seq),
            )
            self._touched = touches_of(self._logged(rows))
        return record_as_it_was(versions, made_by, self._touched)

    def versions(self, record_id: str) -> list[Version]:
        """Every version of a record from first to current; those after this point are left out."""
        named = self.codec.seal("records.id", record_id)
        rows = self.session.rows(
            "SELECT body, from_seq, to_seq, NULL FROM versions WHERE bank = %s AND id = %s"
            " UNION ALL SELECT b.body, r.from_seq, NULL, b.stats FROM records r"
            " JOIN bodies b ON b.bank = r.bank AND b.n = r.n WHERE r.bank = %s AND r.id = %s ORDER BY 2",
            (self.row.bank, named, self.row.bank, named),
        )
        opened = self.codec.opened(rows, "bodies.body", "", "", "bodies.stats")
        return [Version(record_of(b, stats or "{}", self.row.name), f, t) for b, f, t, stats in opened if f <= self.seq]

    def events(self, ids: Sequence[str]) -> dict[str, Event]:
        """Events by id."""
        kept = self.codec.sealed_all("events.id", ids)
        rows = self.session.rows(f"{_EVENT} AND e.id = ANY(%s)", (self.row.bank, list(kept)))
        found = {event.id: event for event in self._events(rows)}
        return {event_id: found[event_id] for event_id in ids if event_id in found}

    def _logged(self, rows: Iterable[Sequence[Any]]) -> Iterator[LogEntry]:
        return (entry_of(*row) for row in self.codec.opened(rows, "", "", "", "log.body"))

    def _events(self, rows: Iterable[Sequence[Any]]) -> Iterator[Event]:
        for entry in self._logged(rows):
            if entry.op.event is not None and entry.seq <= self.seq:
                yield entry.op.event

    def session_events(self, session: str, *, before: int | None, last: int | None) -> list[Event]:
        """A session's events in order but those kept back, only with seq below ``before``, only the ``last`` ones."""
        end = self.seq + 1 if before is None else min(before, self.seq + 1)
        rows = self.session.rows(
            f"{_EVENT} AND e.session = %s AND e.seq < %s AND e.formed < 2 ORDER BY e.seq DESC LIMIT %s",
            (self.row.bank, self.codec.seal("events.session", session), end, None if last is None else max(0, last)),
        )
        return list(self._events(rows))[::-1]

    def event_page(self, session: str | None, after: int, limit: int) -> list[Event]:
        """Up to ``limit`` events behind seq ``after``, in order."""
        one = "" if session is None else " AND e.session = %s"
        session = self.codec.seal("events.session", session)
        rows = self.session.rows(
            f"{_EVENT} AND e.seq > %s AND e.seq <= %s{one} ORDER BY e.seq LIMIT %s",
            (self.row.bank, min(after, _LAST), self.seq, *([] if session is None else [session]), max(0, limit)),
        )
        return list(self._events(rows))

    def unformed(self, session: str | None) -> list[Event]:
        """Events that formation has not yet used, in order."""
        one = "" if session is None else " AND e.session = %s"
        session = self.codec.seal("events.session", session)
        rows = self.session.rows(
            f"{_EVENT} AND e.formed = 0{one} ORDER BY e.seq",
            (self.row.bank, *([] if session is None else [session])),
        )
        return list(self._events(rows))

    def kept_back(self) -> list[Event]:
        """Events that are quarantined, in order."""
        return list(self._events(self.session.rows(f"{_EVENT} AND e.formed = 2 ORDER BY e.seq", (self.row.bank,))))

    def sessions(self) -> list[tuple[str, int]]:
        """Sessions and how many events each has, in order of their first event."""
        rows = self.session.rows(
            "SELECT session, COUNT(*) FROM events WHERE bank = %s AND seq <= %s GROUP BY session ORDER BY MIN(seq)",
            (self.row.bank, self.seq),
        )
        return [(session, count) for session, count in self.codec.opened(rows, "events.session")]

    def edges(self, ids: Sequence[str], rels: Sequence[str] | None, direction: str) -> list[Edge]:
        """Edges that leave, reach or touch the records, at this point of the log."""
        columns = {"out": ("src",), "in": ("dst",), "both": ("src", "dst")}[direction]
        kinds = " AND rel = ANY(%s)" if rels is not None else ""
        found: dict[tuple[str, str, str], Edge] = {}
        for column in columns:
            rows = self.session.rows(
                f"SELECT body FROM edges WHERE bank = %s{kinds} AND from_seq <= %s"
                f" AND (to_seq IS NULL OR to_seq > %s) AND {column} = ANY(%s) ORDER BY src, rel, dst",
                (
                    self.row.bank,
                    *([] if rels is None else [list(self.codec.sealed_all("edges.rel", rels))]),
                    self.seq,
                    self.seq,
                    list(self.codec.sealed_all(f"edges.{column}", ids)),
                ),
            )
            for edge in edges_of(rows, self.codec):
                found[edge.src, edge.rel, edge.dst] = edge
        return list(found.values())

    def marked(self, field: str, values: Sequence[str]) -> dict[str, list[int]]:
        """Record numbers by word of ``field`` (entity | tag | label), compared without case."""
        wanted = list(dict.fromkeys(value.casefold() for value in values))
        rows: Iterable[Sequence[Any]]
        if self.at is not None:
            rows = past_marks(self.past_records(), field)
        else:
            hashes = [word_hash(word) for word in self.codec.sealed_all("marks.value", wanted)]
            lying = self.session.rows(
                "SELECT value, n FROM marks WHERE bank = %s AND field = %s AND hash = ANY(%s) ORDER BY n",
                (self.row.bank, field, hashes),
            )
            rows = self.codec.opened(lying, "marks.value")
        out: dict[str, list[int]] = {}
        for value, number in rows:
            if value in wanted:
                out.setdefault(value, []).append(number)
        return out

    def labelled(self) -> dict[str, list[int]]:
        """Record numbers by label as of this point and of now: what is kept out now is kept out of the past."""
        lying = self.session.rows("SELECT value, n FROM marks WHERE bank = %s AND field = 'label'", (self.row.bank,))
        rows = self.codec.opened(lying, "marks.value")
        past = () if self.at is None else past_marks(self.past_records(), "label")
        return grouped((*rows, *past))

    def mark_counts(self, field: str) -> dict[str, int]:
        """How many current records carry each word of ``field``."""
        if self.at is not None:
            return dict(Counter(word for word, _ in past_marks(self.past_records(), field, current=True)))
        rows = self.session.rows(
            "SELECT m.value, COUNT(*) FROM marks m JOIN records r ON r.bank = m.bank AND r.n = m.n WHERE m.bank = %s"
            " AND m.field = %s AND r.state = 'active' AND r.kind <> 'secret' GROUP BY m.value ORDER BY m.value",
            (self.row.bank, field),
        )
        return dict(sorted(self.codec.opened(rows, "marks.value")))

    def log(self, after: int = 0, until: int | None = None) -> Iterator[LogEntry]:
        """The log's entries behind ``after``, up to and with ``until``."""
        last = self.seq if until is None else min(until, self.seq)
        while after < last:
            rows = self.session.rows(
                f"{_ENTRY} log l WHERE l.bank = %s AND l.seq > %s AND l.seq <= %s ORDER BY l.seq LIMIT %s",
                (self.row.bank, after, last, _PAGE),
            )
            if not rows:
                return
            yield from self._logged(rows)
            after = rows[-1][0]

    def raw_log(self) -> Iterator[tuple[int, int, str, str]]:
        """Every entry as it is kept: seq, batch, kind, and body as JSON."""
        after = 0
        while rows := self.session.rows(
            "SELECT seq, batch, kind, body FROM log WHERE bank = %s AND seq > %s AND seq <= %s ORDER BY seq LIMIT %s",
            (self.row.bank, after, self.seq, _PAGE),
        ):
            yield from self.codec.opened(rows, "", "", "", "log.body")
            after = rows[-1][0]

    def raw_beside(self, table: str) -> Iterator[tuple[Any, str]]:
        """What is kept beside the log, as (name, JSON): ``receipts``, ``answers``, ``notes`` by (kind, id)."""
        names = {"receipts": "id, body", "answers": "key, answer", "notes": "kind, id, body"}[table]
        rows = self.session.rows(f"SELECT {names} FROM {table} WHERE bank = %s", (self.row.bank,))
        return beside_of(table, rows, self.codec)

    def log_at(self, when: datetime) -> int:
        """The seq of the last entry that was made at or before an instant; 0 when there is none."""
        row = self.session.row(
            "SELECT MAX(seq) FROM log WHERE bank = %s AND at <= %s", (self.row.bank, to_micros(when))
        )
        return int(row[0]) if row and row[0] is not None else 0

    def unit_ids(self, units: Sequence[Unit]) -> dict[tuple[str, str, bytes], int]:
        """Those of the units that the bank already has, with their numbers."""
        return known_units(self.session, self.row.bank, units, self.codec)

    def dense_units(self) -> dict[tuple[str, str, bytes], int]:
        """Every unit that has a vector, with its number, in order of making."""
        rows = self.session.rows(
            "SELECT name, mode, sha, unit FROM units WHERE bank = %s AND mode LIKE '%%d%%' ORDER BY unit",
            (self.row.bank,),
        )
        opened = self.codec.opened(rows, "", "", "units.sha")
        return {(name, mode, sha): unit for name, mode, sha, unit in opened}

    def rules(self) -> dict[str, tuple[int, datetime]]:
        """When each rule of evolution last ran: seq and instant."""
        rows = self.session.rows("SELECT rule, seq, at FROM rules WHERE bank = %s", (self.row.bank,))
        opened = self.codec.opened(rows, "rules.rule")
        return {rule: (seq, from_micros(at)) for rule, seq, at in opened}

    def counters(self) -> dict[str, int]:
        """How much the bank holds, by table."""
        out = {"ops": self.seq}
        bank = self.row.bank
        for table, where, values in (
            ("events", "", ()),
            # The place of an erased record is kept, so that those of others stay.
            ("records", " AND state <> 'erased'", ()),
            ("units", "", ()),
            ("keys", "", ()),
            ("vectors", " AND space = %s", (self.row.space or 0,)),
            ("edges", " AND to_seq IS NULL", ()),
            ("receipts", "", ()),
        ):
            row = self.session.row(f"SELECT COUNT(*) FROM {table} WHERE bank = %s{where}", (bank, *values))
            out[table] = int(row[0]) if row else 0
        return out

    def fingerprint(self) -> str:
        """A hash of all that the bank holds, but its name and its place in the store."""
        bank = self.row.bank

        def lying(table: str, columns: str, order: str) -> Iterable[Sequence[Any]]:
            columns, order = (part.replace("place", _PLACES.get(table, "")) for part in (columns, order))
            return self.session.rows(f"SELECT {columns} FROM {table} WHERE bank = %s ORDER BY {order}", (bank,))

        def rows(table: str, columns: str, order: str) -> Iterable[Sequence[Any]]:
            return self.codec.table(table, columns, order, lying)

        bodies = self.session.rows("SELECT n, body, stats FROM bodies WHERE bank = %s ORDER BY n", (bank,))
        opened = self.codec.opened(bodies, "", "bodies.body", "bodies.stats")
        placed = ((n, body, stats) for n, body, stats in opened)
        return fingerprint(rows, self.log(), placed, (self.vectors(None), self.sketches(None)))
