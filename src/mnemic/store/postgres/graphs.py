"""Graphs of nearest neighbours (pgvector's HNSW) over the vectors of large banks, made beside the work, swept away.

A graph answers in a time that hardly grows with the bank, but each vector that comes in later costs some milliseconds.
So a bank is given one when it has so many vectors that to look at each takes longer, and not before they are there.
It is an index of the bank's partition for this one bank and space; while there is none, sketches are looked through.

Source: Y. Malkov, D. Yashunin, "Efficient and robust approximate nearest neighbor search using HNSW", TPAMI 2018.
"""

from __future__ import annotations

import contextlib
import time
from collections.abc import Iterator
from dataclasses import dataclass, field

import psycopg

from mnemic.core.errors import NotFound
from mnemic.store.index.key_index import EXACT_ROWS
from mnemic.store.postgres.connections import Connections, Session
from mnemic.store.postgres.rows import find_bank
from mnemic.store.postgres.schema import lock_key
from mnemic.store.protocol import HIDDEN

#: What pgvector can build a graph over.
MOST_DIMENSIONS = 2000
#: For so long it is taken as read whether a bank has a graph.
FRESH_S = 30.0
#: A graph that is not needed any more is waited for so long, and else left to be swept.
PATIENCE_MS = 1000
#: Memory that the server may use to build one; a graph that does not fit is built many times slower.
_MOST_MEMORY_MB = 2048
_STANDS = (
    "SELECT c.relname::text, x.indisvalid FROM pg_index x JOIN pg_class c ON c.oid = x.indexrelid"
    " JOIN pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname = %s AND c.relname"
)


@dataclass(frozen=True, slots=True)
class Standing:
    """Whether a bank has a graph, and whether pgvector goes on with a search that filters have left short (0.8)."""

    stands: bool
    iterates: bool


@dataclass(slots=True)
class Graphs:
    """The graphs of a database. ``least`` is how many vectors a bank must have more than to be given one."""

    connections: Connections
    least: int = EXACT_ROWS
    _known: dict[tuple[int, int], tuple[float, Standing]] = field(default_factory=dict)

    def of(self, session: Session, bank: int, space: int) -> Standing:
        """Whether a bank has a graph of a space that may be used, as it was seen some seconds ago at most."""
        at, known = self._known.get((bank, space), (0.0, None))
        if known is not None and time.monotonic() < at + FRESH_S:
            return known
        name = _name(bank, space)
        rows = session.rows(f"{_STANDS} = %s", (self.connections.schema, name))
        version = session.row("SELECT extversion FROM pg_extension WHERE extname = 'vector'")
        iterates = version is not None and tuple(map(int, version[0].split(".")[:2])) >= (0, 8)
        found = Standing(any(valid for _, valid in rows), iterates)
        self._known[bank, space] = (time.monotonic(), found)
        return found

    def wanted(self) -> list[str]:
        """Banks that are large and have no graph yet, by name."""
        if not self.connections.pgvector:
            return []
        with self.connections.reading() as session:
            rows = session.rows(
                "SELECT b.name, h.bank, h.space FROM heads h JOIN banks b ON b.bank = h.bank"
                " JOIN spaces s ON s.space = h.space WHERE h.next_unit > %s AND h.sealed = '' AND s.dim <= %s"
                " AND NOT starts_with(b.name, %s) ORDER BY b.name",
                (self.least, MOST_DIMENSIONS, HIDDEN),
            )
            standing = self._standing(session)
            return [
                name
                for name, bank, space in rows
                if not standing.get((bank, space)) and self._is_large(session, bank, space)
            ]

    def make(self, name: str) -> bool:
        """Give a bank its graph, if it is large and has none; gives whether it was made now.

        Graphs of banks and spaces that are gone, and halves that a broken build has left, are dropped first. One
        process of all builds at a time; others have nothing to do meanwhile. Raises NotFound.
        """
        if not self.connections.pgvector:
            return False
        with self.connections.connection() as session, self._alone(session) as alone:
            if not alone:
                return False
            self._sweep(session)
            row = find_bank(session, name)
            if row is None:
                raise NotFound(f"bank: there is none called {name!r}; 'mnemic banks' lists those of a store")
            space = row.space
            if name not in self.wanted() or space is None:
                return False
            self._build(session, row.bank, space)
            now = find_bank(session, name)
            if now is None or (now.bank, now.space) != (row.bank, space):
                # It went, or moved to another embedder, while its graph was being built.
                self._sweep(session)
                return False
        self._known.pop((row.bank, space), None)
        return True

    def sweep(self) -> None:
        """Drop graphs of banks and spaces that are gone, and halves that a broken build has left."""
        if self.connections.pgvector:
            with self.connections.connection() as session, self._alone(session) as alone:
                if alone:
                    self._sweep(session)

    def drop(self, bank: int) -> None:
        """Drop the graphs of a bank that is gone or has moved to another space; what others hold up is swept later."""
        if not self.connections.pgvector:
            return
        with self.connections.connection() as session:
            for found, space in [slot for slot in self._standing(session) if slot[0] == bank]:
                with contextlib.suppress(psycopg.errors.LockNotAvailable), session.connection.transaction():
                    session.run(f"SET LOCAL lock_timeout = {PATIENCE_MS}")
                    session.run(f"DROP INDEX IF EXISTS {self.connections.schema}.{_name(found, space)}")
        for slot in [slot for slot in list(self._known) if slot[0] == bank]:
            self._known.pop(slot, None)

    def _standing(self, session: Session) -> dict[tuple[int, int], bool]:
        rows = session.rows(f"{_STANDS} ~ '^near_[0-9]+_[0-9]+$'", (self.connections.schema,))
        return {_slot(name): valid for name, valid in rows}

    def _is_large(self, session: Session, bank: int, space: int) -> bool:
        statement = "SELECT COUNT(*) FROM (SELECT 1 FROM vectors WHERE bank = %s AND space = %s LIMIT %s) AS found"
        (counted,) = session.rows(statement, (bank, space, self.least + 1))[0]
        return int(counted) > self.least

    @contextlib.contextmanager
    def _alone(self, session: Session) -> Iterator[bool]:
        key = lock_key(self.connections.schema, "graphs")
        (alone,) = session.rows("SELECT pg_try_advisory_lock(%s)", (key,))[0]
        try:
            if alone:
                # A build waits for every transaction that began before it, however long that takes.
                session.run("SET statement_timeout = 0")
                session.run("SET lock_timeout = 0")
            yield alone
        finally:
            if alone:
                # A connection that is gone has let go of the lock, and is not used again.
                with contextlib.suppress(psycopg.Error):
                    for setting in ("statement_timeout", "lock_timeout", "maintenance_work_mem",
                                    "max_parallel_maintenance_workers"):  # fmt: skip
                        session.run(f"RESET {setting}")
                    session.run("SELECT pg_advisory_unlock(%s)", (key,))

    def _sweep(self, session: Session) -> None:
        live = {(bank, space) for bank, space in session.rows("SELECT bank, space FROM heads WHERE space IS NOT NULL")}
        for slot, valid in self._standing(session).items():
            if not valid or slot not in live:
                session.run(f"DROP INDEX CONCURRENTLY IF EXISTS {self.connections.schema}.{_name(*slot)}")

    def _build(self, session: Session, bank: int, space: int) -> None:
        place = session.row(
            "SELECT tableoid::regclass::text, (SELECT dim FROM spaces WHERE space = %s),"
            " (SELECT COUNT(*) FROM vectors WHERE bank = %s AND space = %s)"
            " FROM vectors WHERE bank = %s AND space = %s LIMIT 1",
            (space, bank, space, bank, space),
        )
        if place is None:
            return
        table, dim, rows = place
        needed = rows * (4 * dim + 400) >> 20
        session.run(f"SET maintenance_work_mem = '{min(_MOST_MEMORY_MB, max(64, needed))}MB'")
        # Helpers would share their memory, of which containers have little, and take the cores of those who ask.
        session.run("SET max_parallel_maintenance_workers = 0")
        session.run(
            f"CREATE INDEX CONCURRENTLY {_name(bank, space)} ON {table} USING hnsw"
            f" ((emb::vector({dim})) vector_cosine_ops) WHERE bank = {bank} AND space = {space}"
        )


def _name(bank: int, space: int) -> str:
    return f"near_{bank}_{space}"


def _slot(name: str) -> tuple[int, int]:
    _, bank, space = name.split("_")
    return int(bank), int(space)
