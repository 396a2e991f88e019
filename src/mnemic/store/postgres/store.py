"""The server store: one PostgreSQL database, many banks, many processes on many machines."""

from __future__ import annotations

import contextlib
import json
import secrets
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

import numpy as np

from mnemic.core.errors import BadInput, NotFound, StoreError
from mnemic.store.erasing import Purged, Searched
from mnemic.store.index.cache import IndexCache
from mnemic.store.index.dense_index import sketch
from mnemic.store.pieces import Pieces
from mnemic.store.postgres import job_rows, purging
from mnemic.store.postgres.beside import BesideLog
from mnemic.store.postgres.connections import Connections, Session
from mnemic.store.postgres.graphs import Graphs
from mnemic.store.postgres.resealing import Resealing
from mnemic.store.postgres.rows import BANKS, bank_row, by_name, find_bank
from mnemic.store.postgres.schema import SPLIT, lock_key
from mnemic.store.postgres.snapshot import PostgresSnapshot
from mnemic.store.postgres.transaction import PostgresTransaction
from mnemic.store.protocol import HIDDEN, BankRow, SpaceRow, Store
from mnemic.store.rows import dumps
from mnemic.store.sealing import Seals
from mnemic.store.write_behind import WriteBehind

CACHE_BYTES = 512 << 20
SCHEMA = "mnemic"
#: What else a bank has rows in.
_BESIDE = ("length_stats", "rules", "receipts", "answers", "usage", "notes", "audit", "heads", "banks")
_MISSING = (
    "FROM units u LEFT JOIN vectors v ON v.bank = u.bank AND v.space = %s AND v.unit = u.unit"
    " WHERE u.bank = %s AND u.mode LIKE '%%d%%' AND v.unit IS NULL"
)


class PostgresStore(BesideLog):
    """See :class:`mnemic.store.protocol.Store`.

    Parameters
    ----------
    dsn
        Address of the database, such as ``postgresql://user@host:5432/database``.
    schema
        Schema of that database that holds the tables; made when it is not there.
    cache_bytes
        Bound of the in-memory indexes, in bytes.
    seals
        What opens sealed banks; without it they are listed only.

    Raises StoreError when the server cannot be reached or is older than 15.
    """

    def __init__(
        self, dsn: str, *, schema: str = SCHEMA, cache_bytes: int = CACHE_BYTES, seals: Seals | None = None
    ) -> None:
        self.connections = Connections(dsn, schema)
        self.path = self.connections.label
        self.cache = IndexCache(cache_bytes)
        self.graphs = Graphs(self.connections)
        self.seals = Seals() if seals is None else seals
        self._behind = WriteBehind(self._write_receipts)
        self._asked = WriteBehind(self._write_asked)
        self._closed = False

    def jobs_home(self) -> Store:
        """Itself: it keeps the jobs of its banks."""
        return self

    def banks(self) -> list[BankRow]:
        """All banks by name."""
        with self.connections.connection() as session:
            return [bank_row(row) for row in session.rows(f"{BANKS} ORDER BY b.name")]

    def bank(self, name: str) -> BankRow | None:
        """A bank by name, or None."""
        with self.connections.connection() as session:
            return find_bank(session, name)

    def create_bank(
        self, name: str, recipe: str, created_at: datetime, origin: str = "", *, sealed: bool = False
    ) -> BankRow:
        """Make a bank; raises BadInput when the name is taken."""
        with self.creating(name, recipe, created_at, origin, sealed=sealed) as transaction:
            return transaction.row

    @contextlib.contextmanager
    def creating(
        self, name: str, recipe: str, created_at: datetime, origin: str = "", *, sealed: bool = False
    ) -> Iterator[PostgresTransaction]:
        """A write that makes a bank and fills it, whole or not at all."""
        # The service that wraps keys may be far away: no lock is held while it is asked.
        wrapped = self.seals.new(origin if name.startswith(HIDDEN) else name) if sealed else ""
        with self.connections.writing() as session:
            # Drawn at random, so that no counter is shared and no bank's number comes again.
            number = secrets.randbits(62) + 1
            made = session.run(
                "INSERT INTO banks (name, bank) VALUES (%s, %s) ON CONFLICT (name) DO NOTHING", (name, number)
            )
            if not made:
                raise BadInput(f"bank: {name!r} exists already; choose another name")
            session.run(
                "INSERT INTO heads (bank, recipe, created_at, origin, sealed) VALUES (%s, %s, %s, %s, %s)",
                (number, recipe, created_at.isoformat(), origin, wrapped),
            )
            yield self._begun(session, name)

    def _begun(self, session: Session, name: str) -> PostgresTransaction:
        row = _there(find_bank(session, name, lock=True), name)
        return PostgresTransaction(session, row, self.connections.pgvector, self.seals)

    def drop_bank(self, name: str) -> None:
        """Delete all rows of a bank that nobody uses; nothing happens when there is none."""
        with self.connections.writing() as session:
            row = find_bank(session, name, lock=True)
            if row is not None:
                session.run("DELETE FROM jobs WHERE bank = %s", (name,))
                if job_rows.laid(session, self.connections.schema):
                    job_rows.delete_jobs_of(session, self.connections.schema, name)
                for table in (*SPLIT, *_BESIDE):
                    session.run(f"DELETE FROM {table} WHERE bank = %s", (row.bank,))
        if row is not None:
            self.cache.drop(self.path, row.bank)
            self.graphs.drop(row.bank)

    def reseal(self, bank: str, *, sealed: bool) -> None:
        """Lay a bank's content down anew under a fresh key, or in clear, in one transaction; what it holds is compared.

        Raises NotFound, StoreError when a key cannot be had, or when what was laid down is not what was there. The
        bytes that lay there before are driven out by :meth:`purge`.
        """
        wrapped = self.seals.new(_there(self.bank(bank), bank).payer) if sealed else ""
        with self.connections.writing() as session:
            former = self._begun(session, bank)
            before = self._seen(session, former.row, None).fingerprint()
            after = replace(former.row, sealed=wrapped)
            new = PostgresTransaction(session, after, self.connections.pgvector, self.seals)
            Resealing(session, former, new).run()
            session.run("UPDATE heads SET sealed = %s WHERE bank = %s", (wrapped, after.bank))
            if self._seen(session, after, None).fingerprint() != before:
                raise StoreError(
                    f"{self.path}: bank {bank!r} is not the same when laid down anew, so it stays as it was; "
                    "'mnemic doctor' tells what is damaged"
                )
        # A graph holds the vectors themselves.
        self.graphs.drop(after.bank)

    def rewrap(self, bank: str) -> bool:
        """Wrap a bank's key anew with the key that the service wraps with now; False when the bank lies in clear."""
        row = _there(self.bank(bank), bank)
        if not row.sealed:
            return False
        wrapped = self.seals.rewrapped(row)
        with self.connections.writing() as session:
            # Another process may have sealed it anew meanwhile; then its key is wrapped as it should be.
            session.run("UPDATE heads SET sealed = %s WHERE bank = %s AND sealed = %s", (wrapped, row.bank, row.sealed))
        return True

    @contextlib.contextmanager
    def snapshot(self, bank: str, at: int | None = None) -> Iterator[PostgresSnapshot]:
        """A bank at one point of its log: the present, or seq ``at``."""
        with self.connections.reading_first(by_name(), (bank,)) as (session, found):
            row = _there(bank_row(found) if found else None, bank)
            past = None if at is None or at >= row.seq else at
            yield self._seen(session, row, past)

    def _seen(self, session: Session, row: BankRow, past: int | None) -> PostgresSnapshot:
        codec, pgvector = self.seals.codec(row), self.connections.pgvector
        return PostgresSnapshot(session, row, past, pgvector, self.graphs, codec, self.cache, self.path)

    @contextlib.contextmanager
    def transaction(self, bank: str) -> Iterator[PostgresTransaction]:
        """A write to one bank; it commits whole or not at all. Writers of other banks do not wait for it."""
        with self.connections.writing_first(by_name(lock=True), (bank,)) as (session, found):
            row = _there(bank_row(found) if found else None, bank)
            yield PostgresTransaction(session, row, self.connections.pgvector, self.seals)

    # Spaces are shared by the banks of a database; ``bank`` is named because another store may keep them apart.

    def space(self, bank: str, fingerprint: str) -> SpaceRow | None:
        """The embedding space of an embedder's fingerprint, or None."""
        return self._space("fingerprint", fingerprint)

    def space_by_id(self, bank: str, space: int) -> SpaceRow | None:
        """An embedding space by its number, or None."""
        return self._space("space", space)

    def _space(self, column: str, value: str | int) -> SpaceRow | None:
        with self.connections.connection() as session:
            row = session.row(
                f"SELECT space, fingerprint, name, dim, calibration FROM spaces WHERE {column} = %s", (value,)
            )
        return SpaceRow(row[0], row[1], row[2], row[3], json.loads(row[4])) if row else None

    def add_space(self, bank: str, fingerprint: str, name: str, dim: int, calibration: Mapping[str, Any]) -> SpaceRow:
        """Make an embedding space, or give the one that another process has just made."""
        with self.connections.writing() as session:
            session.rows("SELECT pg_advisory_xact_lock(%s)", (lock_key(session.label, "spaces"),))
            session.run(
                "INSERT INTO spaces (space, fingerprint, name, dim, calibration)"
                " SELECT COALESCE(MAX(space), 0) + 1, %s, %s, %s, %s FROM spaces ON CONFLICT (fingerprint) DO NOTHING",
                (fingerprint, name, dim, dumps(calibration)),
            )
        found = self.space(bank, fingerprint)
        if found is None:
            raise StoreError(f"{self.path}: the embedding space {name} could not be made")
        return found

    def set_calibration(self, bank: str, space: int, calibration: Mapping[str, Any]) -> None:
        """Keep the calibration of a space's embedder."""
        with self.connections.writing() as session:
            session.run("UPDATE spaces SET calibration = %s WHERE space = %s", (dumps(calibration), space))

    def unembedded(self, bank: str, space: int, limit: int) -> tuple[dict[int, str], int]:
        """Up to ``limit`` dense texts by unit that lack a vector in a space, and how many there are in all."""
        with self.snapshot(bank) as snapshot:
            values = (space, snapshot.row.bank)
            left = snapshot.session.rows(f"SELECT COUNT(*) {_MISSING}", values)[0][0]
            rows = snapshot.session.rows(f"SELECT u.unit, u.text {_MISSING} ORDER BY u.unit LIMIT %s", (*values, limit))
            return {unit: snapshot.codec.opened_text(text) for unit, text in rows}, left

    def put_vectors(self, bank: str, space: int, vectors: Mapping[int, np.ndarray[Any, Any]]) -> None:
        """Lay vectors down in a space that the bank does not use yet."""
        if not vectors:
            return
        matrix = np.ascontiguousarray(list(vectors.values()), np.float32)
        with self.transaction(bank) as transaction:
            places = [(transaction.row.bank, space, unit) for unit in vectors]
            transaction.put_vectors(
                [(*place, row.tobytes()) for place, row in zip(places, matrix, strict=True)],
                [(*place, bits.tobytes()) for place, bits in zip(places, sketch(matrix), strict=True)],
            )

    def switch_space(self, bank: str, space: int) -> bool:
        """Make a bank use a space, and drop its former vectors; False when a text has no vector there yet."""
        with self.transaction(bank) as transaction:
            session, number, former = transaction.session, transaction.row.bank, transaction.row.space
            if session.row(f"SELECT 1 {_MISSING} LIMIT 1", (space, number)):
                return False
            session.run("UPDATE heads SET space = %s WHERE bank = %s", (space, number))
            if former is not None:
                for table in ("vectors", "sketches"):
                    session.run(f"DELETE FROM {table} WHERE bank = %s AND space = %s", (number, former))
        self.cache.drop(self.path, number)
        self.graphs.drop(number)
        return True

    def untuned(self) -> list[str]:
        """Banks that are searched faster once they are tuned, by name."""
        return self.graphs.wanted()

    def tune(self, bank: str) -> bool:
        """Give a large bank a graph to search its vectors by, where pgvector is at hand; raises NotFound."""
        return self.graphs.make(bank)

    def purge(self, bank: str, *, thorough: bool = False, patience: float = 5.0) -> Purged:
        """Take erased rows out of the server's files, as far as a client can; ``patience``: seconds for locks."""
        self.graphs.sweep()
        if (row := self.bank(bank)) is not None:
            self.cache.drop(self.path, row.bank)
            # Its graph holds erased vectors too; a worker makes another.
            self.graphs.drop(row.bank)
        number = row.bank if row is not None else None
        with self.connections.connection() as session:
            return purging.purge(session, self.connections.schema, number, thorough=thorough, patience=patience)

    def search(self, bank: str, pieces: Pieces) -> Searched:
        """Look for pieces in every table, and in the server's files where the role may read them."""
        row = self.bank(bank)
        with self.connections.connection() as session:
            return purging.search(session, self.connections.schema, row.bank if row is not None else None, pieces)

    def check(self) -> list[str]:
        """What is wrong with the schema's rows, in words; empty when rows and every index agree."""
        from mnemic.store.postgres.check import findings

        with self.connections.reading() as session:
            return findings(session)

    def size(self) -> int:
        """Bytes on disk of the schema's tables and their indexes."""
        with self.connections.connection() as session:
            row = session.row(
                "SELECT COALESCE(SUM(pg_total_relation_size(c.oid)), 0)::bigint FROM pg_class c"
                " JOIN pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname = %s AND c.relkind IN ('r', 'p')",
                (self.connections.schema,),
            )
        return int(row[0]) if row else 0

    def close(self) -> None:
        """Write what waits and close every connection."""
        if self._closed:
            return
        try:
            try:
                self._behind.close()
            finally:
                self._asked.close()
        finally:
            self._closed = True
            self.connections.close()
            self.cache.drop(self.path)


def parted(address: str) -> tuple[str, str]:
    """An address without its ``schema``, and that schema.

    >>> parted("postgresql://anna@host/db?schema=team&sslmode=require")
    ('postgresql://anna@host/db?sslmode=require', 'team')
    >>> parted("postgresql://host/db")
    ('postgresql://host/db', 'mnemic')
    """
    base, _, query = address.partition("?")
    items = [item for item in query.split("&") if item]
    schemas = [item.partition("=")[2] for item in items if item.startswith("schema=")]
    kept = "&".join(item for item in items if not item.startswith("schema="))
    return base + ("?" + kept if kept else ""), schemas[-1] if schemas else SCHEMA


def _there(row: BankRow | None, name: str) -> BankRow:
    if row is None:
        raise NotFound(f"bank: there is none called {name!r}; 'mnemic stats' lists the banks of a store")
    return row
