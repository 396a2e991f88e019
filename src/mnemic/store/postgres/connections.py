"""Connections to one database: pooled, brought back after a restart, with errors that name the host and no password.

A call holds one connection, and another one for each call that it makes meanwhile. How many calls may begin at once
is bounded so that those under way always find the further connections that they need.
"""

from __future__ import annotations

import contextlib
import os
import select
import threading
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import psycopg
from psycopg import errors
from psycopg.conninfo import conninfo_to_dict, make_conninfo
from psycopg_pool import ConnectionPool, PoolClosed, PoolTimeout

from mnemic.core.errors import BadInput, Conflict, MnemicError, StoreError
from mnemic.core.observing import span
from mnemic.store.asked import WRITING
from mnemic.store.postgres.schema import check_schema_name, prepare
from mnemic.store.postgres.vectors import register

Row = tuple[Any, ...]
Connection = psycopg.Connection[Row]

#: Calls that run at once; others wait for their turn.
CALLS = 12
#: A read that asks a model within a write's look is the deepest: three connections.
DEPTH = 3
#: For what is written behind, which a call may wait for.
RESERVED = 2
WAIT_S = 30.0
#: A server that is gone is waited for so long, since it may be starting again; ``connect_timeout`` says otherwise.
CONNECT_S = 5
#: Then it is asked once more for its reason, and for so long; one that says it is starting is waited for longer.
REASON_S, STARTING_S = 2, 30.0
_STARTS = ("starting up", "not yet accepting", "in recovery")
_SETTINGS = {
    "keepalives": 1,
    "keepalives_idle": 30,
    "keepalives_interval": 10,
    "keepalives_count": 3,
    "tcp_user_timeout": 60_000,
}
_OPTIONS = "-c statement_timeout=120s -c lock_timeout=30s -c jit=off -c idle_in_transaction_session_timeout=15min"
_READING = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"
_WRITING = "BEGIN ISOLATION LEVEL READ COMMITTED"


@dataclass(slots=True)
class Session:
    """A connection within a transaction, with rows in binary form."""

    connection: Connection
    label: str

    def rows(self, statement: str, values: Sequence[Any] = ()) -> list[Row]:
        """All rows of a statement."""
        return self.connection.execute(statement.encode(), values, binary=True).fetchall()

    def row(self, statement: str, values: Sequence[Any] = ()) -> Row | None:
        """The first row of a statement, or None."""
        return self.connection.execute(statement.encode(), values, binary=True).fetchone()

    def begun(self, begin: str, statement: str, values: Sequence[Any]) -> Row | None:
        """Begin a transaction, and give the first row of its first statement: both in one round trip."""
        with self.connection.pipeline():
            self.connection.execute(begin.encode())
            cursor = self.connection.execute(statement.encode(), values, binary=True)
        return cursor.fetchone()

    def run(self, statement: str, values: Sequence[Any] = ()) -> int:
        """Run a statement; gives how many rows it touched."""
        return self.connection.execute(statement.encode(), values).rowcount

    def many(self, statement: str, values: Sequence[Sequence[Any]]) -> int:
        """Run a statement for each of many rows, without waiting for one before the next; gives how many it touched."""
        if not values:
            return 0
        with self.connection.cursor() as cursor:
            cursor.executemany(statement.encode(), values)
            return cursor.rowcount


class Connections:
    """A pool of connections to the database of a DSN, in one schema of it.

    ``pgvector`` says whether vectors are kept as pgvector's.
    """

    def __init__(self, dsn: str, schema: str) -> None:
        self.schema = check_schema_name(schema)
        given = _parsed(dsn)
        self.label = _label(given, schema)
        # procrastinate's functions and triggers find their tables by the path, also where a bank goes with its jobs.
        path = f"{schema},{schema}_jobs,public"
        options = f"{_OPTIONS} -c search_path={path} {given.get('options') or ''}".strip()
        patience = _patience(given)
        defaults = {"application_name": "mnemic", "connect_timeout": patience, **_SETTINGS}
        self._conninfo = make_conninfo("", **{**defaults, **given, "options": options})
        with self.telling():
            first: Connection
            with psycopg.connect(self._conninfo, autocommit=True) as first:
                self.pgvector = prepare(first, schema)
        self._process = os.getpid()
        self._turns = threading.BoundedSemaphore(CALLS)
        self._depth = threading.local()
        self._pool: ConnectionPool[Connection] = ConnectionPool(
            self._conninfo,
            min_size=1,
            max_size=CALLS * DEPTH + RESERVED,
            timeout=patience,
            max_idle=300,
            num_workers=1,
            kwargs={"autocommit": True},
            configure=self._configure,
            check=_alive,
            reconnect_timeout=patience,
            open=True,
        )

    def _configure(self, connection: Connection) -> None:
        register(connection, pgvector=self.pgvector)

    @contextlib.contextmanager
    def connection(self, *, reserved: bool = False) -> Iterator[Session]:
        """A connection where every statement stands for itself; what goes wrong comes out as StoreError.

        ``reserved`` is for what others may be waiting for: it begins without waiting for its turn.
        """
        if os.getpid() != self._process:
            # Neither connections nor the pool's threads live on in a forked process.
            raise StoreError(f"{self.label}: was opened by another process; open it again in this one")
        with self._turn(reserved), self.telling(), contextlib.ExitStack() as stack:
            try:
                connection = stack.enter_context(self._pool.connection())
            except PoolTimeout:
                self._await_server()
                connection = stack.enter_context(self._pool.connection())
            yield Session(connection, self.label)

    def apart(self) -> Connection:
        """A connection of its own outside the pool, for who waits on it; whoever asked for it closes it."""
        with self.telling():
            connection: Connection = psycopg.connect(self._conninfo, autocommit=True)
        return connection

    @contextlib.contextmanager
    def reading(self) -> Iterator[Session]:
        """A read: all of its statements see the same moment."""
        with self.connection() as session:
            session.run(_READING)
            try:
                yield session
            finally:
                _end(session.connection, "ROLLBACK")

    @contextlib.contextmanager
    def reading_first(self, statement: str, values: Sequence[Any]) -> Iterator[tuple[Session, Row | None]]:
        """A read and the first row of its first statement, which is sent together with its beginning."""
        with self.connection() as session:
            try:
                yield session, session.begun(_READING, statement, values)
            finally:
                _end(session.connection, "ROLLBACK")

    @contextlib.contextmanager
    def writing(self, *, reserved: bool = False) -> Iterator[Session]:
        """A write; it commits at the end, or is rolled back on an error."""
        with span("store", "write"), self.connection(reserved=reserved) as session, _committed(session):
            session.run(_WRITING)
            yield session

    @contextlib.contextmanager
    def writing_first(self, statement: str, values: Sequence[Any]) -> Iterator[tuple[Session, Row | None]]:
        """A write and the first row of its first statement, which is sent together with its beginning."""
        with span("store", "write"), self.connection() as session, _committed(session):
            yield session, session.begun(_WRITING, statement, values)

    @contextlib.contextmanager
    def _turn(self, reserved: bool) -> Iterator[None]:
        depth = getattr(self._depth, "value", 0)
        waits = not depth and not reserved
        if waits and not self._turns.acquire(timeout=WAIT_S):
            raise StoreError(f"{self.label}: {CALLS} calls of this process are under way; try again when they are done")
        self._depth.value = depth + 1
        try:
            yield
        finally:
            self._depth.value = depth
            if waits:
                self._turns.release()

    @contextlib.contextmanager
    def telling(self) -> Iterator[None]:
        """What goes wrong with a connection comes out as an error of the house, with the host and no password."""
        try:
            yield
        except MnemicError:
            raise
        except PoolClosed:
            raise StoreError(f"{self.label}: the store is closed") from None
        except PoolTimeout:
            raise StoreError(f"{self.label}: the server answers, but gives no connection in time") from None
        except psycopg.Error as error:
            raise _told(error, self.label) from error
        except UnicodeEncodeError:
            raise BadInput("text: holds a lone surrogate; it is no valid text") from None

    def _await_server(self) -> None:
        # The pool says only that it could not connect in time, and pauses between its attempts.
        until = time.monotonic() + STARTING_S
        while True:
            try:
                psycopg.connect(make_conninfo(self._conninfo, connect_timeout=REASON_S)).close()
            except psycopg.OperationalError as error:
                if time.monotonic() > until or not any(word in str(error) for word in _STARTS):
                    raise
                time.sleep(0.2)
            else:
                return

    def close(self) -> None:
        """Close every connection."""
        self._pool.close()


@contextlib.contextmanager
def _committed(session: Session) -> Iterator[None]:
    outer = WRITING.set(True)
    try:
        yield
    except BaseException:
        _end(session.connection, "ROLLBACK")
        raise
    finally:
        WRITING.reset(outer)
    session.run("COMMIT")


def _end(connection: Connection, word: str) -> None:
    # A connection that is gone has rolled back by itself.
    with contextlib.suppress(psycopg.Error):
        connection.execute(word.encode())


def _alive(connection: Connection) -> None:
    # An idle connection has nothing to say: if there is something to read, it is most likely its end.
    readable, _, _ = select.select([connection.pgconn.socket], [], [], 0)
    if readable:
        connection.execute("SELECT 1")


def _parsed(dsn: str) -> dict[str, Any]:
    try:
        return dict(conninfo_to_dict(dsn))
    except psycopg.ProgrammingError:
        raise BadInput(
            "store: is no address of a PostgreSQL database; it looks like postgresql://user@host:5432/database,"
            " with special characters percent-encoded"
        ) from None


def _patience(given: dict[str, Any]) -> int:
    """For how many seconds a connection is waited for."""
    said = str(given.get("connect_timeout") or os.environ.get("PGCONNECT_TIMEOUT") or CONNECT_S)
    if not said.isdecimal() or int(said) < 1:
        raise BadInput(f"connect_timeout: {said!r} is not a whole number of seconds, 1 or more")
    return int(said)


def _label(given: dict[str, Any], schema: str) -> str:
    user = f"{given['user']}@" if given.get("user") else ""
    port = f":{given['port']}" if given.get("port") else ""
    where = "" if schema == "mnemic" else f"?schema={schema}"
    return f"postgresql://{user}{given.get('host') or ''}{port}/{given.get('dbname') or ''}{where}"


def _told(error: psycopg.Error, label: str) -> MnemicError:
    said = " ".join(str(error).split())
    if isinstance(error, (errors.SerializationFailure, errors.DeadlockDetected)):
        return Conflict(f"{label}: another writer was faster; read again and retry")
    if isinstance(error, errors.LockNotAvailable):
        return StoreError(f"{label}: another writer holds this bank for more than 30 s; try again later")
    if isinstance(error, errors.QueryCanceled):
        return StoreError(f"{label}: a statement took longer than it is given (statement_timeout); it is undone")
    if isinstance(error, errors.ProgramLimitExceeded):
        return BadInput(
            "an id, session, actor or name is too long for an index of PostgreSQL; keep it under 2,600 bytes"
        )
    if isinstance(error, psycopg.DataError) and "NUL" in said:
        return BadInput("text: holds a NUL character; remove it")
    return StoreError(f"{label}: {said}")
