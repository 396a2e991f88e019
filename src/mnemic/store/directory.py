"""The directory: which servers there are, and on which of them each bank lives; many processes share it.

Its two tables lie beside those of the store that keeps what belongs to no bank: keys, grants, jobs.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from mnemic.core.errors import BadInput, NotFound
from mnemic.store.postgres.store import PostgresStore
from mnemic.store.protocol import BankRow
from mnemic.store.sqlite.store import SqliteStore

_TABLES = (
    "CREATE TABLE IF NOT EXISTS servers (name TEXT PRIMARY KEY, number INTEGER NOT NULL UNIQUE, dsn TEXT NOT NULL,"
    " open INTEGER NOT NULL)",
    # ``moves`` counts how often a bank was moved; ``target`` is where it is being moved to, or empty.
    "CREATE TABLE IF NOT EXISTS placements (bank TEXT PRIMARY KEY, server TEXT NOT NULL, moves INTEGER NOT NULL,"
    " former TEXT NOT NULL, target TEXT NOT NULL, recipe TEXT NOT NULL, created_at TEXT NOT NULL,"
    " origin TEXT NOT NULL)",
)
_PLACES = "SELECT bank, server, moves, former, target, recipe, created_at, origin FROM placements"


@dataclass(frozen=True, slots=True)
class Server:
    """A server of banks; an ``open`` one takes new banks."""

    name: str
    number: int
    dsn: str
    open: bool


@dataclass(frozen=True, slots=True)
class Placement:
    """Where a bank lives. ``moves`` counts its moves; ``former`` still has its rows, ``target`` will have them."""

    bank: str
    server: str
    moves: int
    former: str
    target: str
    recipe: str
    created_at: datetime
    origin: str

    @property
    def fence(self) -> str:
        """The mark in the bank's log that says it is leaving this place."""
        return f"moved:{self.moves}"

    @property
    def row(self) -> BankRow:
        """What is known of the bank while its server is down."""
        return BankRow(0, self.bank, self.recipe, self.created_at, 0, 0, None, self.origin)


class _Statements(Protocol):
    def __call__(self, statement: str, values: Sequence[Any] = ()) -> list[tuple[Any, ...]]: ...


class Directory:
    """The tables of servers and placements, in the database of ``common``."""

    def __init__(self, common: SqliteStore | PostgresStore) -> None:
        self.common = common
        with self._writing() as run:
            for table in _TABLES:
                run(table)

    @contextlib.contextmanager
    def _writing(self) -> Iterator[_Statements]:
        if isinstance(self.common, SqliteStore):
            with self.common.write() as connection:
                yield lambda statement, values=(): connection.execute(statement, values).fetchall()
            return
        with self.common.connections.writing() as session:
            # Processes that make the tables, or place one bank, take turns.
            session.rows("SELECT pg_advisory_xact_lock(7305813)")

            def run(statement: str, values: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
                cursor = session.connection.execute(statement.replace("?", "%s").encode(), values)
                return cursor.fetchall() if cursor.description else []

            yield run

    def _read(self, statement: str, values: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        if isinstance(self.common, SqliteStore):
            with self.common.connection() as connection:
                return connection.execute(statement, values).fetchall()
        with self.common.connections.connection() as session:
            return session.connection.execute(statement.replace("?", "%s").encode(), values).fetchall()

    def servers(self) -> list[Server]:
        """All servers by name."""
        rows = self._read("SELECT name, number, dsn, open FROM servers ORDER BY name")
        return [Server(name, number, dsn, bool(open_)) for name, number, dsn, open_ in rows]

    def add(self, name: str, dsn: str, rows: Sequence[BankRow] = ()) -> Server:
        """Make a server known, with the banks that it has already; raises BadInput when a name is taken."""
        with self._writing() as run:
            if run("SELECT 1 FROM servers WHERE name = ? OR dsn = ?", (name, dsn)):
                raise BadInput(f"server: {name!r} or its address is known already; choose another")
            number = run("SELECT COALESCE(MAX(number), 0) + 1 FROM servers")[0][0]
            run("INSERT INTO servers (name, number, dsn, open) VALUES (?, ?, ?, 1)", (name, number, dsn))
            for row in rows:
                if run("SELECT 1 FROM placements WHERE bank = ?", (row.name,)):
                    raise BadInput(f"server: {name!r} has a bank {row.name!r}, and so has another server")
                _place(run, row.name, name, row.recipe, row.created_at, row.origin)
        return Server(name, number, dsn, True)

    def set_open(self, name: str, open_: bool) -> None:
        """Let a server take new banks, or keep it from that; raises NotFound."""
        with self._writing() as run:
            if not run("SELECT 1 FROM servers WHERE name = ?", (name,)):
                raise NotFound(f"server: there is none called {name!r}; 'mnemic servers list' shows them")
            run("UPDATE servers SET open = ? WHERE name = ?", (int(open_), name))

    def placements(self) -> list[Placement]:
        """All placements by bank."""
        return [_placement(row) for row in self._read(f"{_PLACES} ORDER BY bank")]

    def placement(self, bank: str) -> Placement | None:
        """Where a bank lives, or None."""
        found = self._read(f"{_PLACES} WHERE bank = ?", (bank,))
        return _placement(found[0]) if found else None

    def place(self, bank: str, server: str, recipe: str, created_at: datetime, origin: str) -> Placement:
        """Place a bank that has no place yet; gives the place that it has then."""
        with self._writing() as run:
            if not run(f"{_PLACES} WHERE bank = ?", (bank,)):
                _place(run, bank, server, recipe, created_at, origin)
            return _placement(run(f"{_PLACES} WHERE bank = ?", (bank,))[0])

    def forget(self, bank: str) -> None:
        """Forget the place of a bank that is gone."""
        with self._writing() as run:
            run("DELETE FROM placements WHERE bank = ?", (bank,))

    def begin(self, bank: str, target: str) -> None:
        """Note that a bank is being moved; raises BadInput when it is on its way elsewhere."""
        with self._writing() as run:
            now = _placement(run(f"{_PLACES} WHERE bank = ?", (bank,))[0])
            if now.former or now.target not in ("", target):
                raise BadInput(f"bank: {bank!r} is being moved to {now.target or now.server!r}; finish that first")
            run("UPDATE placements SET target = ? WHERE bank = ?", (target, bank))

    def switch(self, bank: str) -> None:
        """A bank lives where it was being moved to, from now on."""
        with self._writing() as run:
            run(
                "UPDATE placements SET former = server, server = target, target = '', moves = moves + 1"
                " WHERE bank = ? AND target <> ''",
                (bank,),
            )

    def end(self, bank: str) -> None:
        """The rows of a moved bank are gone from where it was."""
        with self._writing() as run:
            run("UPDATE placements SET former = '' WHERE bank = ?", (bank,))


def _place(run: _Statements, bank: str, server: str, recipe: str, created_at: datetime, origin: str) -> None:
    run(
        "INSERT INTO placements (bank, server, moves, former, target, recipe, created_at, origin)"
        " VALUES (?, ?, 0, '', '', ?, ?, ?)",
        (bank, server, recipe, created_at.isoformat(), origin),
    )


def _placement(row: tuple[Any, ...]) -> Placement:
    bank, server, moves, former, target, recipe, created_at, origin = row
    return Placement(bank, server, moves, former, target, recipe, datetime.fromisoformat(created_at), origin)
