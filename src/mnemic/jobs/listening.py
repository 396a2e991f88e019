"""Listening: waits until the server tells of a job, on one connection for all lanes of a worker.

procrastinate listens by asyncio alone; here it is plain psycopg on the channel that its triggers notify.
"""

from __future__ import annotations

import contextlib
import threading
import time
from dataclasses import dataclass, field

import psycopg

from mnemic.store.postgres.connections import Connection, Connections

#: What tells of a job that came in; procrastinate's own name for jobs of any queue.
CHANNEL = "procrastinate_any_queue_v1"
#: So long one lane hears for all before it looks whether it is to stop.
_STRETCH_S = 0.2


@dataclass(slots=True)
class Listener:
    """Hears for whoever waits; its connection is opened by the first, and opened anew when it was lost."""

    connections: Connections
    _connection: Connection | None = None
    _turn: threading.Lock = field(default_factory=threading.Lock)
    _heard: int = 0

    def wait(self, seconds: float, stopping: threading.Event) -> None:
        """Return when something was heard, after so many seconds, or soon after ``stopping`` is set."""
        until, before = time.monotonic() + seconds, self._heard
        while self._heard == before and not stopping.is_set():
            left = until - time.monotonic()
            if left <= 0:
                return
            stretch = min(left, _STRETCH_S)
            if self._turn.acquire(blocking=False):
                try:
                    self._hear(stretch)
                finally:
                    self._turn.release()
            else:
                # Another lane hears, for this one too.
                stopping.wait(min(stretch, _STRETCH_S / 4))

    def _hear(self, seconds: float) -> None:
        with self.connections.telling():
            if self._connection is None:
                self._connection = self.connections.apart()
                self._connection.execute(f"LISTEN {CHANNEL}".encode())
                # What came in before is to be looked for once more.
                self._heard += 1
                return
            try:
                for _ in self._connection.notifies(timeout=seconds, stop_after=1):
                    self._heard += 1
            except psycopg.Error:
                self._drop()
                raise

    def _drop(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            with contextlib.suppress(psycopg.Error):
                connection.close()

    def close(self) -> None:
        """Close the connection; who waits later opens another."""
        with self._turn:
            self._drop()
