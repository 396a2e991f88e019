"""The embedded store: one SQLite file, many banks, many processes."""

from __future__ import annotations

import contextlib
import json
import os
import sqlite3
import threading
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np

from mnemic.core.errors import BadInput, NotFound, StoreError
from mnemic.core.observing import span
from mnemic.store.asked import WRITING
from mnemic.store.erasing import Purged, Searched
from mnemic.store.index.cache import IndexCache
from mnemic.store.index.dense_index import sketch
from mnemic.store.pieces import Pieces
from mnemic.store.protocol import HIDDEN, BankRow, SpaceRow, Store
from mnemic.store.rows import dumps
from mnemic.store.sealing import Seals
from mnemic.store.sqlite import purging
from mnemic.store.sqlite.beside import BesideLog
from mnemic.store.sqlite.dropping import drop_rows
from mnemic.store.sqlite.packing import MAX_BANKS, MAX_SPACES, bounds, pack_vector, unpack, vector_bounds
from mnemic.store.sqlite.resealing import Resealing
from mnemic.store.sqlite.rows import BANK_COLUMNS, bank_of, bank_row
from mnemic.store.sqlite.schema import connect, prepare
from mnemic.store.sqlite.snapshot import SqliteSnapshot
from mnemic.store.sqlite.transaction import SqliteTransaction
from mnemic.store.write_behind import WriteBehind

CACHE_BYTES = 512 << 20


class SqliteStore(BesideLog):
    """See :class:`mnemic.store.protocol.Store`.

    ``cache_bytes`` bounds the in-memory indexes; ``cache`` is one shared with other files. ``seals`` open sealed banks.

    >>> import tempfile, datetime
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     store = SqliteStore(Path(folder) / "agent.db")
    ...     row = store.create_bank("anna", "", datetime.datetime(2026, 1, 1, tzinfo=datetime.UTC))
    ...     names = [bank.name for bank in store.banks()]
    ...     store.close()
    >>> names
    ['anna']
    """

    def __init__(
        self,
        path: Path | str,
        *,
        cache_bytes: int = CACHE_BYTES,
        cache: IndexCache | None = None,
        seals: Seals | None = None,
    ) -> None:
        self.path = Path(path)
        prepare(self.path)
        self.cache = IndexCache(cache_bytes) if cache is None else cache
        self.seals = Seals() if seals is None else seals
        self._idle: list[sqlite3.Connection] = []
        self._pool = threading.Lock()
        self._writer = threading.Lock()
        self._behind = WriteBehind(self._write_receipts)
        self._asked = WriteBehind(self._write_asked)
        self._closed = False
        self._process = os.getpid()

    @contextlib.contextmanager
    def connection(self) -> Iterator[sqlite3.Connection]:
        """A connection of the pool; errors of SQLite come out as StoreError."""
        if os.getpid() != self._process:
            # SQLite's locks and this store's threads do not live on in a forked process.
            raise StoreError(f"{self.path}: was opened by another process; open it again in this one")
        with self._pool:
            if self._closed:
                raise StoreError(f"{self.path}: the store is closed")
            connection = self._idle.pop() if self._idle else None
        connection = connection or connect(self.path)
        try:
            yield connection
        except sqlite3.Error as error:
            raise StoreError(f"{self.path}: {error}") from error
        except UnicodeEncodeError:
            raise BadInput("text: holds a lone surrogate; it is no valid text") from None
        finally:
            if connection.in_transaction:
                connection.rollback()
            with self._pool:
                if self._closed:
                    connection.close()
                else:
                    self._idle.append(connection)

    @contextlib.contextmanager
    def write(self) -> Iterator[sqlite3.Connection]:
        """A connection within BEGIN IMMEDIATE; commits at the end, or rolls back on an error."""
        with span("store", "write"), self._writer, self.connection() as connection:
            connection.execute("BEGIN IMMEDIATE")
            outer = WRITING.set(True)
            try:
                yield connection
            finally:
                WRITING.reset(outer)
            connection.commit()

    def jobs_home(self) -> Store:
        """Itself: it keeps the jobs of its banks."""
        return self

    def banks(self) -> list[BankRow]:
        """All banks by name."""
        with self.connection() as connection:
            return [bank_row(r) for r in connection.execute(f"SELECT {BANK_COLUMNS} FROM banks ORDER BY name")]

    def bank(self, name: str) -> BankRow | None:
        """A bank by name, or None."""
        with self.connection() as connection:
            return bank_of(connection, name)

    def create_bank(
        self, name: str, recipe: str, created_at: datetime, origin: str = "", *, sealed: bool = False
    ) -> BankRow:
        """Make a bank; raises BadInput when the name is taken."""
        with self.creating(name, recipe, created_at, origin, sealed=sealed) as transaction:
            return transaction.row

    @contextlib.contextmanager
    def creating(
        self, name: str, recipe: str, created_at: datetime, origin: str = "", *, sealed: bool = False
    ) -> Iterator[SqliteTransaction]:
        """A write that makes a bank and fills it, whole or not at all."""
        # The service that wraps keys may be far away: no lock is held while it is asked.
        wrapped = self.seals.new(origin if name.startswith(HIDDEN) else name) if sealed else ""
        with self.write() as connection:
            if bank_of(connection, name) is not None:
                raise BadInput(f"bank: {name!r} exists already; choose another name")
            highest = connection.execute("SELECT COALESCE(MAX(bank), 0) FROM banks").fetchone()[0]
            if highest >= MAX_BANKS:
                raise StoreError(f"{self.path}: holds {MAX_BANKS} banks, the most one file can; use one file a bank")
            connection.execute(
                "INSERT INTO banks (bank, name, recipe, created_at, origin, sealed) VALUES (?, ?, ?, ?, ?, ?)",
                (highest + 1, name, recipe, created_at.isoformat(), origin, wrapped),
            )
            yield SqliteTransaction(connection, _there(bank_of(connection, name), name), self.seals)

    def drop_bank(self, name: str) -> None:
        """Delete all rows of a bank that nobody uses; nothing happens when there is none."""
        with self.write() as connection:
            if (row := bank_of(connection, name)) is not None:
                drop_rows(connection, row.bank)
        if row is not None:
            self.cache.drop(str(self.path), row.bank)

    def reseal(self, bank: str, *, sealed: bool) -> None:
        """Lay a bank's content down anew under a fresh key, or in clear, in one transaction; what it holds is compared.

        Raises NotFound, StoreError when a key cannot be had, or when what was laid down is not what was there. The
        bytes that lay there before are driven out by :meth:`purge`.
        """
        wrapped = self.seals.new(_there(self.bank(bank), bank).payer) if sealed else ""
        with self.transaction(bank) as transaction:
            connection, row = transaction.connection, transaction.row
            after = replace(row, sealed=wrapped)
            before, codec = self._printed(connection, row), self.seals.codec(after)
            Resealing(connection, row.bank, transaction.codec, codec).run()
            connection.execute("UPDATE banks SET sealed = ? WHERE bank = ?", (wrapped, row.bank))
            if self._printed(connection, after) != before:
                raise StoreError(
                    f"{self.path}: bank {bank!r} is not the same when laid down anew, so it stays as it was; "
                    "'mnemic doctor' tells what is damaged"
                )

    def _printed(self, connection: sqlite3.Connection, row: BankRow) -> str:
        return SqliteSnapshot(connection, row, None, self.seals.codec(row), self.cache, str(self.path)).fingerprint()

    def rewrap(self, bank: str) -> bool:
        """Wrap a bank's key anew with the key that the service wraps with now; False when the bank lies in clear."""
        row = _there(self.bank(bank), bank)
        if not row.sealed:
            return False
        wrapped = self.seals.rewrapped(row)
        with self.write() as connection:
            # Another process may have sealed it anew meanwhile; then its key is wrapped as it should be.
            connection.execute(
                "UPDATE banks SET sealed = ? WHERE bank = ? AND sealed = ?", (wrapped, row.bank, row.sealed)
            )
        return True

    @contextlib.contextmanager
    def snapshot(self, bank: str, at: int | None = None) -> Iterator[SqliteSnapshot]:
        """A bank at one point of its log: the present, or seq ``at``."""
        with self.connection() as connection:
            connection.execute("BEGIN")
            row = _there(bank_of(connection, bank), bank)
            past = None if at is None or at >= row.seq else at
            yield SqliteSnapshot(connection, row, past, self.seals.codec(row), self.cache, str(self.path))

    @contextlib.contextmanager
    def transaction(self, bank: str) -> Iterator[SqliteTransaction]:
        """A write to one bank; it commits whole or not at all."""
        with self.write() as connection:
            yield SqliteTransaction(connection, _there(bank_of(connection, bank), bank), self.seals)

    # Spaces are shared by the banks of a file; ``bank`` is named because another store may keep them apart.

    def space(self, bank: str, fingerprint: str) -> SpaceRow | None:
        """The embedding space of an embedder's fingerprint, or None."""
        return self._space("fingerprint", fingerprint)

    def space_by_id(self, bank: str, space: int) -> SpaceRow | None:
        """An embedding space by its number, or None."""
        return self._space("space", space)

    def _space(self, column: str, value: str | int) -> SpaceRow | None:
        with self.connection() as connection:
            row = connection.execute(
                f"SELECT space, fingerprint, name, dim, calibration FROM spaces WHERE {column} = ?", (value,)
            ).fetchone()
        return SpaceRow(row[0], row[1], row[2], row[3], json.loads(row[4])) if row else None

    def add_space(self, bank: str, fingerprint: str, name: str, dim: int, calibration: Mapping[str, Any]) -> SpaceRow:
        """Make an embedding space, or give the one that another process has just made."""
        with self.write() as connection:
            used = {row[0] for row in connection.execute("SELECT space FROM spaces")}
            free = next((n for n in range(1, MAX_SPACES + 1) if n not in used), None)
            if free is None:
                raise StoreError(f"{self.path}: holds vectors of {MAX_SPACES} embedders, the most one file can")
            connection.execute(
                "INSERT OR IGNORE INTO spaces (space, fingerprint, name, dim, calibration) VALUES (?, ?, ?, ?, ?)",
                (free, fingerprint, name, dim, dumps(calibration)),
            )
        found = self.space(bank, fingerprint)
        if found is None:
            raise StoreError(f"{self.path}: the embedding space {name} could not be made")
        return found

    def set_calibration(self, bank: str, space: int, calibration: Mapping[str, Any]) -> None:
        """Keep the calibration of a space's embedder."""
        with self.write() as connection:
            connection.execute("UPDATE spaces SET calibration = ? WHERE space = ?", (dumps(calibration), space))

    def unembedded(self, bank: str, space: int, limit: int) -> tuple[dict[int, str], int]:
        """Up to ``limit`` dense texts by unit that lack a vector in a space, and how many there are in all."""
        with self.snapshot(bank) as snapshot:
            low, high = bounds(snapshot.row.bank)
            missing = (
                "FROM units u LEFT JOIN vectors v ON v.pk = (? | u.pk)"
                " WHERE u.pk BETWEEN ? AND ? AND u.mode LIKE '%d%' AND v.pk IS NULL"
            )
            values = (pack_vector(space, 0, 0), low, high)
            left = snapshot.connection.execute(f"SELECT COUNT(*) {missing}", values).fetchone()[0]
            rows = snapshot.connection.execute(
                f"SELECT u.pk, u.text {missing} ORDER BY u.pk LIMIT ?", (*values, limit)
            ).fetchall()
            return {unpack(pk): snapshot.codec.opened_text(text) for pk, text in rows}, left

    def put_vectors(self, bank: str, space: int, vectors: Mapping[int, np.ndarray[Any, Any]]) -> None:
        """Lay vectors down in a space that the bank does not use yet."""
        with self.transaction(bank) as transaction:
            for unit, vector in vectors.items():
                pk = pack_vector(space, transaction.row.bank, unit)
                row = np.ascontiguousarray(vector, np.float32)
                emb = transaction.codec.seal("vectors.emb", row.tobytes())
                bits = transaction.codec.seal("sketches.bits", sketch(row[None, :])[0].tobytes())
                transaction.connection.execute("INSERT OR REPLACE INTO vectors (pk, emb) VALUES (?, ?)", (pk, emb))
                transaction.connection.execute("INSERT OR REPLACE INTO sketches (pk, bits) VALUES (?, ?)", (pk, bits))

    def switch_space(self, bank: str, space: int) -> bool:
        """Make a bank use a space, and drop its former vectors; False when a text has no vector there yet."""
        with self.transaction(bank) as transaction:
            number = transaction.row.bank
            missing = transaction.connection.execute(
                "SELECT 1 FROM units u LEFT JOIN vectors v ON v.pk = (? | u.pk)"
                " WHERE u.pk BETWEEN ? AND ? AND u.mode LIKE '%d%' AND v.pk IS NULL LIMIT 1",
                (pack_vector(space, 0, 0), *bounds(number)),
            ).fetchone()
            if missing:
                return False
            transaction.connection.execute("UPDATE banks SET space = ? WHERE bank = ?", (space, number))
            if transaction.row.space is not None:
                for table in ("vectors", "sketches"):
                    transaction.connection.execute(
                        f"DELETE FROM {table} WHERE pk BETWEEN ? AND ?", vector_bounds(transaction.row.space, number)
                    )
        self.cache.drop(str(self.path), number)
        return True

    def untuned(self) -> list[str]:
        """None: a bank in a file is searched in memory."""
        return []

    def tune(self, bank: str) -> bool:
        """Nothing to make: see ``untuned``."""
        return False

    def purge(self, bank: str, *, thorough: bool = False, patience: float = 5.0) -> Purged:
        """Drive erased bytes out of the file and its write-ahead log; says what still waits."""
        with self._writer, self.connection() as connection:
            if (row := bank_of(connection, bank)) is not None:
                self.cache.drop(str(self.path), row.bank)
            return purging.purge(connection, self.path, thorough=thorough, patience=patience)

    def search(self, bank: str, pieces: Pieces) -> Searched:
        """Look for pieces in the files, byte by byte."""
        with self.connection() as connection:
            connection.execute("BEGIN")
            return purging.search(connection, self.path, pieces)

    def check(self) -> list[str]:
        """What is wrong with the file, in words; empty when rows and every index agree."""
        from mnemic.store.sqlite.check import findings

        with self.connection() as connection:
            return findings(connection)

    def size(self) -> int:
        """Bytes on disk, with the write-ahead log."""
        names = (self.path, self.path.with_name(self.path.name + "-wal"))
        return sum(name.stat().st_size for name in names if name.exists())

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
            with self._pool:
                self._closed = True
                for connection in self._idle:
                    connection.close()
                self._idle.clear()
            self.cache.drop(str(self.path))


def _there(row: BankRow | None, name: str) -> BankRow:
    if row is None:
        raise NotFound(f"bank: there is none called {name!r}; 'mnemic stats' lists the banks of a store")
    return row
