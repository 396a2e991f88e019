"""Lays the rows of a bank down anew, under a seal or another one or in clear, within one transaction.

Row by row in the places that they have: what the bank is, its number and what hangs on it stay as they were.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from mnemic.store.sealing import Codec
from mnemic.store.sqlite.packing import bounds, vector_bounds

#: Tables whose rows have a key that stays, with their sealed columns.
_BY_PK = {
    "log": ("body",),
    "events": ("id", "session", "sha"),
    "records": ("id", "session", "actor"),
    "bodies": ("body", "stats"),
}
#: Tables whose keys themselves are sealed, or that have no key of one column.
_WHOLE = ("versions", "marks", "edges", "receipts", "answers", "notes", "rules", "term_stats")
_RUN = 2_000
_UNIT = "sha, text, terms, counts"


@dataclass(frozen=True, slots=True)
class Resealing:
    """One bank whose rows go from one codec to another."""

    connection: sqlite3.Connection
    bank: int
    former: Codec
    new: Codec

    def run(self) -> None:
        """Do it."""
        low, high = bounds(self.bank)
        for table, columns in _BY_PK.items():
            self._update(table, columns, low, high)
        words = self._units(low, high)
        for (space,) in self.connection.execute("SELECT space FROM spaces").fetchall():
            self._update("vectors", ("emb",), *vector_bounds(space, self.bank))
            self._update("sketches", ("bits",), *vector_bounds(space, self.bank))
        for table in _WHOLE:
            self._replace(table, words)

    def _runs(self, table: str, columns: str, low: int, high: int) -> Iterator[list[Any]]:
        while rows := self.connection.execute(
            f"SELECT pk, {columns} FROM {table} WHERE pk BETWEEN ? AND ? ORDER BY pk LIMIT {_RUN}", (low, high)
        ).fetchall():
            yield rows
            low = rows[-1][0] + 1

    def _update(self, table: str, columns: Sequence[str], low: int, high: int) -> None:
        changed = ", ".join(f"{column} = ?" for column in columns)
        for rows in self._runs(table, ", ".join(columns), low, high):
            self.connection.executemany(
                f"UPDATE {table} SET {changed} WHERE pk = ?",
                [(*map(self._turned(table, columns), enumerate(values)), pk) for pk, *values in rows],
            )

    def _turned(self, table: str, columns: Sequence[str]) -> Callable[[tuple[int, Any]], Any]:
        def turn(placed: tuple[int, Any]) -> Any:
            column = f"{table}.{columns[placed[0]]}"
            return self.new.seal(column, self.former.open(column, placed[1]))

        return turn

    def _units(self, low: int, high: int) -> dict[str, str]:
        """Lay the units down anew, and tell the full text index; gives their terms by what stood for them."""
        words: dict[str, str] = {}
        for rows in self._runs("units", f"mode, scope, {_UNIT}", low, high):
            laid = []
            for pk, _, _, *unit in rows:
                clear = self.former.opened_unit(*unit)
                words |= {self.former.token(term): term for term in clear[2].split()}
                laid.append((*self.new.sealed_unit(*clear), pk))
            lexical = [
                (row[0], row[2], row[5], after[2]) for row, after in zip(rows, laid, strict=True) if "l" in row[1]
            ]
            self.connection.executemany(
                "INSERT INTO fts (fts, rowid, scope, terms) VALUES ('delete', ?, ?, ?)", [row[:3] for row in lexical]
            )
            self.connection.executemany("UPDATE units SET sha = ?, text = ?, terms = ?, counts = ? WHERE pk = ?", laid)
            self.connection.executemany(
                "INSERT INTO fts (rowid, scope, terms) VALUES (?, ?, ?)",
                [(pk, scope, terms) for pk, scope, _, terms in lexical],
            )
        return words

    def _replace(self, table: str, words: dict[str, str]) -> None:
        found = self.connection.execute(f"SELECT * FROM {table} WHERE bank = ?", (self.bank,))
        columns = [column[0] for column in found.description]
        laid = [self._row(table, columns, row, words) for row in found]
        self.connection.execute(f"DELETE FROM {table} WHERE bank = ?", (self.bank,))
        self.connection.executemany(
            f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({', '.join('?' * len(columns))})", laid
        )

    def _row(self, table: str, columns: list[str], row: Sequence[Any], words: dict[str, str]) -> list[Any]:
        if table == "term_stats":
            term = columns.index("term")
            return [*row[:term], self.new.token(words[row[term]]), *row[term + 1 :]]
        former, new = self.former, self.new
        if table == "notes":
            kind = row[columns.index("kind")]
            former, new = former.of_note(kind), new.of_note(kind)
        named = [f"{table}.{column}" for column in columns]
        return [new.seal(name, former.open(name, value)) for name, value in zip(named, row, strict=True)]
