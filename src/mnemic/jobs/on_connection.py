"""procrastinate's manager of jobs within a transaction of the caller: on one connection, and without an event loop.

Some of what it does it offers to asyncio alone. None of that waits for anything but its connector, so that with one
that answers at once its coroutines run from end to end when they are begun: one code path, and no loop beside it.
"""

from __future__ import annotations

from collections.abc import Coroutine, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar, cast

from procrastinate.exceptions import ConnectorException
from procrastinate.manager import JobManager
from procrastinate.sync_psycopg_connector import SyncPsycopgConnector
from psycopg_pool import ConnectionPool

from mnemic.store.postgres.connections import Connection

Result = TypeVar("Result")


class _OneConnection:
    """Stands where procrastinate expects a pool: hands out one connection, and neither commits nor closes it."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    @contextmanager
    def connection(self) -> Iterator[Connection]:
        yield self._connection


class _Connector(SyncPsycopgConnector):
    async def execute_query_async(self, query: Any, **arguments: Any) -> None:
        self.execute_query(query, **arguments)

    async def execute_query_one_async(self, query: Any, **arguments: Any) -> dict[str, Any]:
        return self.execute_query_one(query, **arguments)

    async def execute_query_all_async(self, query: Any, **arguments: Any) -> list[dict[str, Any]]:
        return self.execute_query_all(query, **arguments)


@contextmanager
def managing(connection: Connection) -> Iterator[JobManager]:
    """A manager of jobs on a connection; what the database says against it comes out as psycopg's own errors."""
    connector = _Connector()
    connector.open(cast(ConnectionPool, _OneConnection(connection)))
    try:
        yield JobManager(connector)
    except ConnectorException as error:
        if error.__cause__ is None:
            raise
        raise error.__cause__ from None


def done(coroutine: Coroutine[Any, Any, Result]) -> Result:
    """What a coroutine comes to that waits for nothing.

    >>> async def answer() -> int:
    ...     return 7
    >>> done(answer())
    7
    """
    try:
        coroutine.send(None)
    except StopIteration as end:
        return cast(Result, end.value)
    coroutine.close()
    raise AssertionError("waits for something")
