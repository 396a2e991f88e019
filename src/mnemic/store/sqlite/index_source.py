"""What a search index is built from, read from one SQLite file at one point of a bank's log."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mnemic.core.record import Record
from mnemic.core.times import to_micros
from mnemic.store.erasing import ERASED
from mnemic.store.index.source import Floats, KeyRows, RecordRow, by_key
from mnemic.store.protocol import BankRow
from mnemic.store.rows import record_of
from mnemic.store.sealed_rows import RECORD_ROW
from mnemic.store.sealing import Codec
from mnemic.store.sqlite.packing import bounds, pack, pack_vector, unpack, vector_bounds
from mnemic.store.sqlite.rows import select_in


@dataclass(slots=True)
class SqliteSource:
    """See :class:`mnemic.store.index.source.Source`. ``at`` is a past seq, or None for the present."""

    connection: sqlite3.Connection
    row: BankRow
    at: int | None
    codec: Codec

    @property
    def seq(self) -> int:
        """The log's last seq that is visible."""
        return self.row.seq if self.at is None else self.at

    def erased(self) -> int:
        """See Source."""
        row = self.connection.execute(
            "SELECT seq FROM rules WHERE bank = ? AND rule = ?", (self.row.bank, ERASED)
        ).fetchone()
        return int(row[0]) if row else 0

    def record_rows(self, after: int) -> Iterable[RecordRow]:
        """See Source."""
        if self.at is not None:
            return self._past_record_rows()
        rows = self.connection.execute(
            "SELECT pk, id, kind, state, session, actor, role, tier, epistemic, event_from, event_to"
            " FROM records WHERE bank = ? AND changed_seq > ? ORDER BY pk"
            if after
            else "SELECT pk, id, kind, state, session, actor, role, tier, epistemic, event_from, event_to"
            " FROM records WHERE pk BETWEEN ? AND ? ORDER BY pk",
            (self.row.bank, after) if after else bounds(self.row.bank),
        )
        return (RecordRow(unpack(row[0]), *row[1:]) for row in self.codec.opened(rows, "", *RECORD_ROW))

    def _past_record_rows(self) -> Iterator[RecordRow]:
        # A row that has not changed since tells it in its columns; only those that have are read from their contents.
        rows = self.connection.execute(
            "SELECT r.pk, r.id, r.kind, r.state, r.session, r.actor, r.role, r.tier, r.epistemic, r.event_from,"
            " r.event_to, r.from_seq, v.body FROM records r"
            " LEFT JOIN versions v ON v.bank = r.bank AND v.id = r.id AND v.from_seq <= ? AND +v.to_seq > ?"
            " WHERE r.pk BETWEEN ? AND ? ORDER BY r.pk",
            (self.at, self.at, *bounds(self.row.bank)),
        )
        for pk, *columns, since, past in self.codec.opened(rows, "", *RECORD_ROW, "", "versions.body"):
            if since <= self.seq:
                yield RecordRow(unpack(pk), *columns)
            else:
                yield _row_of(unpack(pk), self._past_record(columns[0], past))

    def past_records(self) -> Iterator[tuple[int, Record]]:
        """Every record of the bank with its row's key, as it was at seq ``at``."""
        # Records made later hold their place as erased, so that places stay n - 1.
        rows = self.connection.execute(
            "SELECT r.pk, r.id, r.from_seq, b.body, v.body FROM records r JOIN bodies b ON b.pk = r.pk"
            " LEFT JOIN versions v ON v.bank = r.bank AND v.id = r.id AND v.from_seq <= ? AND +v.to_seq > ?"
            " WHERE r.pk BETWEEN ? AND ? ORDER BY r.pk",
            (self.at, self.at, *bounds(self.row.bank)),
        )
        for pk, record_id, since, body, past in self.codec.opened(
            rows, "", "records.id", "", "bodies.body", "versions.body"
        ):
            if since <= self.seq:
                yield pk, record_of(body, "{}", self.row.name)
            else:
                yield pk, self._past_record(record_id, past)

    def _past_record(self, record_id: str, body: str | None) -> Record:
        if body is None:
            return Record(id=record_id, kind="", value="", state="erased")
        return record_of(body, "{}", self.row.name)

    def key_rows(self, after: int) -> Mapping[str, KeyRows]:
        """See Source."""
        if self.at is not None:
            rows = self.connection.execute(
                "SELECT k.n, k.name, k.unit, u.mode FROM keys k JOIN units u ON u.pk = (? | k.unit)"
                " WHERE k.pk BETWEEN ? AND ? AND k.from_seq <= ? AND (k.to_seq IS NULL OR k.to_seq > ?) ORDER BY k.pk",
                (pack(self.row.bank, 0), *bounds(self.row.bank), self.at, self.at),
            )
        else:
            rows = self.connection.execute(
                "SELECT k.n, k.name, k.unit, u.mode FROM keys k JOIN units u ON u.pk = (? | k.unit)"
                " WHERE k.pk > ? AND k.pk <= ? AND k.to_seq IS NULL AND k.from_seq > ? ORDER BY k.pk",
                (pack(self.row.bank, 0), self._keys_after(after), bounds(self.row.bank)[1], after),
            )
        return by_key(rows)

    def _keys_after(self, after: int) -> int:
        low, high = bounds(self.row.bank)
        if not after:
            return low
        # Keys are made in the order of the log, so those of newer seqs lie at the end of the bank's range.
        for pk, since in self.connection.execute(
            "SELECT pk, from_seq FROM keys WHERE pk BETWEEN ? AND ? ORDER BY pk DESC", (low, high)
        ):
            if since <= after:
                return int(pk)
        return low

    def closed_keys(self, after: int) -> Iterable[tuple[int, str, int]]:
        """See Source."""
        return self.connection.execute(
            "SELECT n, name, unit FROM keys WHERE bank = ? AND to_seq > ? AND from_seq <= ?",
            (self.row.bank, after, after),
        )

    def interval_rows(self, ns: Sequence[int] | None) -> NDArray[np.int64]:
        """See Source."""
        statement, bank = "SELECT n, low, high FROM intervals WHERE bank = ?", (self.row.bank,)
        rows: Iterable[tuple[int, int, int]] = (
            self.connection.execute(f"{statement} ORDER BY n", bank)
            if ns is None
            else select_in(self.connection, f"{statement} AND n IN ({{}})", bank, ns)
        )
        return np.array(list(rows), np.int64).reshape(-1, 3)

    def counts(self, units: Sequence[int] | None, name: str) -> dict[int, tuple[bytes, int]]:
        """See Source."""
        if units is None:
            rows: Iterable[tuple[int, bytes, int]] = self.connection.execute(
                "SELECT pk, counts, length FROM units WHERE pk BETWEEN ? AND ? AND name = ?",
                (*bounds(self.row.bank), name),
            )
        else:
            keys = [pack(self.row.bank, unit) for unit in units]
            rows = select_in(self.connection, "SELECT pk, counts, length FROM units WHERE pk IN ({})", (), keys)
        return {unpack(pk): (blob, length) for pk, blob, length in self.codec.opened(rows, "", "units.counts")}

    def sketches(self, units: Sequence[int] | None) -> dict[int, bytes]:
        """See Source."""
        return self._blobs("sketches", "bits", units)

    def vectors(self, units: Sequence[int] | None) -> dict[int, bytes]:
        """See Source."""
        return self._blobs("vectors", "emb", units)

    def _blobs(self, table: str, column: str, units: Sequence[int] | None) -> dict[int, bytes]:
        if self.row.space is None:
            return {}
        if units is None:
            rows: Iterable[tuple[int, bytes]] = self.connection.execute(
                f"SELECT pk, {column} FROM {table} WHERE pk BETWEEN ? AND ?",
                vector_bounds(self.row.space, self.row.bank),
            )
        else:
            keys = [pack_vector(self.row.space, self.row.bank, unit) for unit in units]
            rows = select_in(self.connection, f"SELECT pk, {column} FROM {table} WHERE pk IN ({{}})", (), keys)
        return {unpack(pk): blob for pk, blob in self.codec.opened(rows, "", f"{table}.{column}")}

    def nearest_units(
        self, query: Floats, k: int, among: NDArray[np.int64], of: int, *, walled: bool = False
    ) -> NDArray[np.int64] | None:
        """See Source; a file in the same process has nothing to propose that memory could not."""
        return None

    def lexical_candidates(self, name: str, query: Sequence[str], limit: int) -> list[int]:
        """See Source."""
        words = " OR ".join('"' + word.replace('"', '""') + '"' for word in map(self.codec.token, query))
        scope = f'"b{self.row.bank}_{name}"'
        rows = self.connection.execute(
            "SELECT rowid FROM fts WHERE fts MATCH ? ORDER BY bm25(fts, 0.0, 1.0) LIMIT ?",
            (f"{{scope}} : {scope} AND {{terms}} : ({words})", limit),
        )
        return [unpack(row[0]) for row in rows]

    def term_stats(self, name: str, query: Sequence[str]) -> tuple[dict[str, int], int, int]:
        """See Source."""
        terms = {self.codec.token(term): term for term in query}
        rows = select_in(
            self.connection,
            "SELECT term, df FROM term_stats WHERE bank = ? AND name = ? AND term IN ({})",
            (self.row.bank, name),
            list(terms),
        )
        df = {terms[token]: count for token, count in rows}
        row = self.connection.execute(
            "SELECT docs, total FROM length_stats WHERE bank = ? AND name = ?", (self.row.bank, name)
        ).fetchone()
        return df, *(row or (0, 0))

    def dim(self) -> int:
        """See Source."""
        row = self.connection.execute("SELECT dim FROM spaces WHERE space = ?", (self.row.space,)).fetchone()
        return int(row[0]) if row else 0


def _row_of(n: int, record: Record) -> RecordRow:
    event = record.times.event
    return RecordRow(
        n, record.id, record.kind, record.state, record.session, record.actor, record.role, record.tier,
        record.epistemic, to_micros(event.start) if event else None, to_micros(event.end) if event else None,
    )  # fmt: skip
