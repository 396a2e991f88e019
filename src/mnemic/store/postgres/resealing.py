"""Lays the rows of a bank down anew, under a seal or another one or in clear, within one transaction.

Each run of rows is read in clear, taken away, and laid down as any write lays rows down: what the bank is, its number
and what hangs on it stay as they were.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from mnemic.store.postgres.connections import Session
from mnemic.store.postgres.schema import lock_key
from mnemic.store.postgres.transaction import PostgresTransaction
from mnemic.store.postgres.vectors import bits_of, floats_of

#: Columns of the rows of a batch, by table, and the one that leads through them behind the bank.
_TABLES = {
    "log": ("bank, seq, batch, at, kind, body", "seq"),
    "events": ("bank, seq, id, session, occurred_at, formed, sha", "seq"),
    "records": (
        "bank, n, id, kind, state, session, actor, role, tier, epistemic, event_from, event_to, version, from_seq,"
        " changed_seq",
        "n",
    ),
    "bodies": ("bank, n, body, stats", "n"),
    "units": ("bank, unit, name, sha, mode, text, terms, counts, length", "unit"),
    "vectors": ("bank, space, unit, emb, sealed", "unit"),
    "sketches": ("bank, space, unit, bits, sealed", "unit"),
    "versions": ("bank, id, version, from_seq, to_seq, body", ""),
    "marks": ("bank, field, value, n", ""),
    "edges": ("bank, src, rel, dst, from_seq, to_seq, body", ""),
    "term_stats": ("bank, name, term, df", ""),
}
_BESIDE = ("receipts", "answers", "notes", "rules")
_RUN = 2_000


@dataclass(slots=True)
class Resealing:
    """One bank whose rows go from how one transaction lays them down to how another one does."""

    session: Session
    former: PostgresTransaction
    new: PostgresTransaction

    def run(self) -> None:
        """Do it."""
        # Who lays something beside the log does not lock the bank's row.
        name = self.former.row.name
        self.session.rows("SELECT pg_advisory_xact_lock(%s)", (lock_key(self.session.label, "seal", name),))
        words: dict[str, str] = {}
        for table, (columns, key) in _TABLES.items():
            for rows in self._runs(table, columns, key):
                opened = self._opened(table, columns.split(", "), rows, words)
                self.new.lay(table, self.new.codec.rows({table: opened})[table])
        for table in _BESIDE:
            self._turn(table)

    def _runs(self, table: str, columns: str, key: str) -> Any:
        bank = self.former.row.bank
        if not key:
            if rows := self.session.rows(f"SELECT {columns} FROM {table} WHERE bank = %s", (bank,)):
                self.session.run(f"DELETE FROM {table} WHERE bank = %s", (bank,))
                yield rows
            return
        last, place = -1, columns.split(", ").index(key)
        # Vectors of several spaces share a place, which a run takes whole.
        while found := self.session.rows(
            f"SELECT DISTINCT {key} FROM {table} WHERE bank = %s AND {key} > %s ORDER BY {key} LIMIT {_RUN}",
            (bank, last),
        ):
            low, last = found[0][0], found[-1][0]
            within = f"WHERE bank = %s AND {key} BETWEEN %s AND %s"
            rows = self.session.rows(f"SELECT {columns} FROM {table} {within}", (bank, low, last))
            self.session.run(f"DELETE FROM {table} {within}", (bank, low, last))
            yield sorted(rows, key=lambda row: row[place])

    def _opened(
        self, table: str, columns: list[str], rows: Sequence[Sequence[Any]], words: dict[str, str]
    ) -> list[Sequence[Any]]:
        codec = self.former.codec
        if table == "units":
            units: list[Sequence[Any]] = []
            for bank, place, name, sha, mode, text, terms, counts, length in rows:
                unit = codec.opened_unit(sha, text, terms, counts)
                words |= {codec.token(term): term for term in unit[2].split()}
                units.append((bank, place, name, unit[0], mode, *unit[1:], length))
            return units
        if table == "term_stats":
            return [(*row[:2], words[row[2]], *row[3:]) for row in rows]
        if table in ("vectors", "sketches"):
            return [(*row[:3], self._blob(table, row[3], row[4])) for row in rows]
        return list(codec.opened(rows, *(f"{table}.{column}" for column in columns)))

    def _blob(self, table: str, clear: bytes, sealed: bytes) -> bytes:
        if self.former.codec.sealed:
            column = "vectors.emb" if table == "vectors" else "sketches.bits"
            return bytes(self.former.codec.open(column, sealed))
        return bits_of(clear) if table == "sketches" else floats_of(clear, pgvector=self.former.pgvector)

    def _turn(self, table: str) -> None:
        cursor = self.session.connection.execute(
            f"SELECT * FROM {table} WHERE bank = %s".encode(), (self.former.row.bank,), binary=True
        )
        columns = [column.name for column in cursor.description or ()]
        laid = [self._row(table, columns, row) for row in cursor.fetchall()]
        self.session.run(f"DELETE FROM {table} WHERE bank = %s", (self.former.row.bank,))
        if laid:
            places = ", ".join(["%s"] * len(columns))
            with self.session.connection.cursor() as many:
                many.executemany(f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({places})".encode(), laid)

    def _row(self, table: str, columns: list[str], row: Sequence[Any]) -> list[Any]:
        former, new = self.former.codec, self.new.codec
        if table == "notes":
            kind = row[columns.index("kind")]
            former, new = former.of_note(kind), new.of_note(kind)
        named = [f"{table}.{column}" for column in columns]
        return [new.seal(name, former.open(name, value)) for name, value in zip(named, row, strict=True)]
