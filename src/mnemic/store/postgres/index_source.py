"""What a search index is built from, read in one read transaction of PostgreSQL at one point of a bank's log."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mnemic.core.record import Record
from mnemic.core.times import to_micros
from mnemic.store.erasing import ERASED
from mnemic.store.index.bm25f import K1, idf
from mnemic.store.index.source import Floats, KeyRows, RecordRow, by_key
from mnemic.store.postgres.connections import Session
from mnemic.store.postgres.graphs import Graphs
from mnemic.store.postgres.nearest import Nearest
from mnemic.store.postgres.rows import scope_hash, signed, word_hash
from mnemic.store.postgres.vectors import all_floats_of, bits_of, numbers
from mnemic.store.protocol import BankRow
from mnemic.store.rows import record_of
from mnemic.store.sealed_rows import RECORD_ROW
from mnemic.store.sealing import Codec

_RECORD_ROW = "SELECT n, id, kind, state, session, actor, role, tier, epistemic, event_from, event_to FROM records"
#: Words are asked for from the rarest on, until so many units were looked at.
_MOST_POSTINGS = 40_000


@dataclass(slots=True)
class PostgresSource:
    """See :class:`mnemic.store.index.source.Source`. ``at`` is a past seq, or None for the present."""

    session: Session
    row: BankRow
    at: int | None
    pgvector: bool
    graphs: Graphs
    codec: Codec

    @property
    def seq(self) -> int:
        """The log's last seq that is visible."""
        return self.row.seq if self.at is None else self.at

    def erased(self) -> int:
        """See Source."""
        row = self.session.row("SELECT seq FROM rules WHERE bank = %s AND rule = %s", (self.row.bank, ERASED))
        return int(row[0]) if row else 0

    def record_rows(self, after: int) -> Iterable[RecordRow]:
        """See Source."""
        if self.at is not None:
            return self._past_record_rows()
        rows = (
            self.session.rows(f"{_RECORD_ROW} WHERE bank = %s AND changed_seq > %s ORDER BY n", (self.row.bank, after))
            if after
            else self.session.rows(f"{_RECORD_ROW} WHERE bank = %s ORDER BY n", (self.row.bank,))
        )
        return map(RecordRow._make, self.codec.opened(rows, "", *RECORD_ROW))

    def _past_record_rows(self) -> Iterator[RecordRow]:
        for n, record in self.past_records():
            event = record.times.event
            yield RecordRow(
                n, record.id, record.kind, record.state, record.session, record.actor, record.role, record.tier,
                record.epistemic, to_micros(event.start) if event else None, to_micros(event.end) if event else None,
            )  # fmt: skip

    def past_records(self) -> Iterator[tuple[int, Record]]:
        """Every record of the bank with its place, as it was at seq ``at``."""
        # Records made later hold their place as erased, so that places stay n - 1.
        rows = self.session.rows(
            "SELECT r.n, r.id, r.from_seq, b.body, v.body FROM records r JOIN bodies b ON b.bank = r.bank AND b.n = r.n"
            " LEFT JOIN versions v ON v.bank = r.bank AND v.id = r.id AND v.from_seq <= %s AND v.to_seq > %s"
            " WHERE r.bank = %s ORDER BY r.n",
            (self.at, self.at, self.row.bank),
        )
        for n, record_id, since, body, past in self.codec.opened(
            rows, "", "records.id", "", "bodies.body", "versions.body"
        ):
            if since <= self.seq:
                yield n, record_of(body, "{}", self.row.name)
            elif past is not None:
                yield n, record_of(past, "{}", self.row.name)
            else:
                yield n, Record(id=record_id, kind="", value="", state="erased")

    def key_rows(self, after: int) -> Mapping[str, KeyRows]:
        """See Source; a whole bank comes in one row a key, whose numbers the server lays end to end."""
        keys = "FROM keys k JOIN units u ON u.bank = k.bank AND u.unit = k.unit WHERE k.bank = %s AND"
        if self.at is None and after:
            return by_key(
                self.session.rows(
                    f"SELECT k.n, k.name, k.unit, u.mode {keys} k.key > %s AND k.to_seq IS NULL AND k.from_seq > %s"
                    " ORDER BY k.key",
                    (self.row.bank, self._keys_after(after), after),
                )
            )
        now = "k.to_seq IS NULL" if self.at is None else "k.from_seq <= %s AND (k.to_seq IS NULL OR k.to_seq > %s)"
        rows = self.session.rows(
            f"SELECT k.name, u.mode, string_agg(int8send(k.key) || int8send(k.n) || int8send(k.unit), ''::bytea)"
            f" {keys} {now} GROUP BY k.name, u.mode",
            (self.row.bank, *(() if self.at is None else (self.at, self.at))),
        )
        found: dict[str, list[tuple[str, NDArray[np.int64]]]] = {}
        for name, mode, blob in rows:
            found.setdefault(name, []).append((mode, numbers(blob, 3)))
        return {name: _in_order_of_making(parts) for name, parts in found.items()}

    def _keys_after(self, after: int) -> int:
        if not after:
            return 0
        # Keys are made in the order of the log: the last of former seqs is looked for from the end.
        row = self.session.row(
            "SELECT key FROM keys WHERE bank = %s AND from_seq <= %s ORDER BY bank DESC, key DESC LIMIT 1",
            (self.row.bank, after),
        )
        return int(row[0]) if row else 0

    def closed_keys(self, after: int) -> Iterable[tuple[int, str, int]]:
        """See Source."""
        rows = self.session.rows(
            "SELECT n, name, unit FROM keys WHERE bank = %s AND to_seq > %s AND from_seq <= %s",
            (self.row.bank, after, after),
        )
        return ((n, name, unit) for n, name, unit in rows)

    def interval_rows(self, ns: Sequence[int] | None) -> NDArray[np.int64]:
        """See Source."""
        some = "" if ns is None else " AND n = ANY(%s)"
        row = self.session.row(
            "SELECT string_agg(int8send(n) || int8send(low) || int8send(high), ''::bytea ORDER BY n, low, high)"
            f" FROM intervals WHERE bank = %s{some}",
            (self.row.bank,) if ns is None else (self.row.bank, list(ns)),
        )
        return numbers(row[0] if row and row[0] is not None else b"", 3)

    def counts(self, units: Sequence[int] | None, name: str) -> dict[int, tuple[bytes, int]]:
        """See Source."""
        rows = (
            self.session.rows(
                "SELECT unit, counts, length FROM units WHERE bank = %s AND name = %s", (self.row.bank, name)
            )
            if units is None
            else self.session.rows(
                "SELECT unit, counts, length FROM units WHERE bank = %s AND unit = ANY(%s)",
                (self.row.bank, list(units)),
            )
        )
        return {unit: (blob, length) for unit, blob, length in self.codec.opened(rows, "", "units.counts")}

    def sketches(self, units: Sequence[int] | None) -> dict[int, bytes]:
        """See Source."""
        found = self._blobs("sketches", "bits", units)
        return dict(found) if self.codec.sealed else {unit: bits_of(blob) for unit, blob in found}

    def vectors(self, units: Sequence[int] | None) -> dict[int, bytes]:
        """See Source."""
        found = list(self._blobs("vectors", "emb", units))
        if self.codec.sealed or not self.pgvector:
            return dict(found)
        return dict(zip([unit for unit, _ in found], all_floats_of([blob for _, blob in found]), strict=True))

    def _blobs(self, table: str, column: str, units: Sequence[int] | None) -> Iterable[tuple[int, bytes]]:
        if self.row.space is None:
            return []
        lying = "sealed" if self.codec.sealed else column
        some = "" if units is None else " AND unit = ANY(%s)"
        rows = self.session.rows(
            f"SELECT unit, {lying} FROM {table} WHERE bank = %s AND space = %s{some}",
            (self.row.bank, self.row.space, *(() if units is None else (list(units),))),
        )
        return self.codec.opened(rows, "", f"{table}.{column}")

    def nearest_units(
        self, query: Floats, k: int, among: NDArray[np.int64], of: int, *, walled: bool = False
    ) -> NDArray[np.int64] | None:
        """See Source; a key of few rows is not looked for in a graph, which may miss what lies near."""
        # The server cannot compare what it cannot read.
        if self.row.space is None or self.codec.sealed:
            return None
        nearest = Nearest(self.session, self.row.bank, self.row.space, query)
        if self.pgvector and not walled and of > self.graphs.least:
            found = nearest.of_graph(self.graphs, k, among, of)
            if found is not None:
                return found
        found = nearest.of_sketches(k, among, of)
        return nearest.closest(k, found) if self.pgvector else found

    def lexical_candidates(self, name: str, query: Sequence[str], limit: int) -> list[int]:
        """See Source; the best by BM25 as if every word stood once."""
        df, docs, total = self.term_stats(name, query)
        chosen: list[str] = []
        looked_at = 0
        for term in sorted(df, key=lambda word: (df[word], word)):
            if chosen and looked_at + df[term] > _MOST_POSTINGS:
                break
            chosen.append(term)
            looked_at += df[term]
        if not chosen:
            return []
        scope = scope_hash(self.row.bank, name)
        rows = self.session.rows(
            "SELECT u.unit FROM unnest(%s::bigint[], %s::float8[]) AS q(gram, weight)"
            " JOIN units u ON u.bank = %s AND u.name = %s AND u.grams @> ARRAY[q.gram]"
            " GROUP BY u.unit, u.length ORDER BY SUM(q.weight) / (1 + %s * (0.25 + 0.75 * u.length / %s)) DESC, u.unit"
            " LIMIT %s",
            (
                [signed(self.codec.gram(term) ^ scope) for term in chosen],
                [idf(docs, df[term]) for term in chosen],
                self.row.bank,
                name,
                K1,
                max(1.0, total / max(1, docs)),
                limit,
            ),
        )
        return [unit for (unit,) in rows]

    def term_stats(self, name: str, query: Sequence[str]) -> tuple[dict[str, int], int, int]:
        """See Source."""
        terms = {self.codec.token(term): term for term in query}
        rows = self.session.rows(
            "SELECT term, df FROM term_stats WHERE bank = %s AND name = %s AND hash = ANY(%s)",
            (self.row.bank, name, [word_hash(token) for token in terms]),
        )
        row = self.session.row(
            "SELECT docs, total FROM length_stats WHERE bank = %s AND name = %s", (self.row.bank, name)
        )
        docs, total = row or (0, 0)
        return {terms[token]: df for token, df in rows if token in terms}, docs, total

    def dim(self) -> int:
        """See Source."""
        row = self.session.row("SELECT dim FROM spaces WHERE space = %s", (self.row.space,))
        return int(row[0]) if row else 0


def _in_order_of_making(parts: Sequence[tuple[str, NDArray[np.int64]]]) -> KeyRows:
    rows = np.concatenate([part for _, part in parts])
    lexical, dense = (np.concatenate([np.full(len(part), word in mode) for mode, part in parts]) for word in "ld")
    order = np.argsort(rows[:, 0])
    return KeyRows(rows[order, 1], rows[order, 2], lexical[order], dense[order])
