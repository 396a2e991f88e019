"""Written behind: a read hands over its receipt, and what it asked a model, and goes on; a thread writes in bundles.

What is not yet written when the process is killed is lost, as a log line would be; asking for a receipt,
closing the store or a second passing writes all that wait.
"""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from mnemic.core.errors import MnemicError

INTERVAL_S = 1.0
MOST_WAITING = 256
#: A store that cannot be written for long must not fill the memory; the oldest go first.
MOST_KEPT = 10_000

Item = TypeVar("Item")


@dataclass(slots=True)
class WriteBehind(Generic[Item]):
    """Collects items and gives them to ``write`` in bundles, from a thread of its own."""

    write: Callable[[list[Item]], None]
    _waiting: list[Item] = field(default_factory=list)
    _wake: threading.Condition = field(default_factory=threading.Condition)
    _writing: threading.Lock = field(default_factory=threading.Lock)
    _thread: threading.Thread | None = None
    _closed: bool = False

    def put(self, item: Item) -> None:
        """Take an item to be written soon."""
        with self._wake:
            self._waiting.append(item)
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="mnemic-write-behind", daemon=True)
                self._thread.start()
            if len(self._waiting) >= MOST_WAITING:
                self._wake.notify()

    def waiting(self) -> list[Item]:
        """What is not yet written."""
        with self._wake:
            return list(self._waiting)

    def flush(self) -> None:
        """Write all that wait, now."""
        with self._writing:
            with self._wake:
                bundle = list(self._waiting)
            try:
                if bundle:
                    self.write(bundle)
            except MnemicError:
                with self._wake:
                    self._waiting = self._waiting[-MOST_KEPT:]
                raise
            # They wait until they are written, so that who asks meanwhile finds them in one place or the other.
            with self._wake:
                del self._waiting[: len(bundle)]

    def close(self) -> None:
        """Write all that wait and end the thread."""
        with self._wake:
            self._closed = True
            self._wake.notify()
        if self._thread is not None:
            self._thread.join()
        self.flush()

    def _run(self) -> None:
        while True:
            with self._wake:
                # What was said while this thread was writing is not said again.
                self._wake.wait_for(lambda: self._closed or len(self._waiting) >= MOST_WAITING, INTERVAL_S)
                closed = self._closed
            # A full disk must not end the thread; the bundle waits, and who flushes is told.
            with contextlib.suppress(MnemicError, OSError):
                self.flush()
            if closed:
                return
