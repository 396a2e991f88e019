"""Receipts written behind: a read hands its receipt over and goes on; a thread writes them in bundles.

What is not yet written when the process is killed is lost, as a log line would be; asking for a receipt,
closing the store or a second passing writes all that wait.
"""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable
from dataclasses import dataclass, field

from mnemic.core.errors import MnemicError
from mnemic.core.reading import Receipt

INTERVAL_S = 1.0
MOST_WAITING = 256
#: A store that cannot be written for long must not fill the memory; the oldest receipts go first.
MOST_KEPT = 10_000


@dataclass(slots=True)
class WriteBehind:
    """Collects receipts and gives them to ``write`` in bundles, from a thread of its own."""

    write: Callable[[list[Receipt]], None]
    _waiting: list[Receipt] = field(default_factory=list)
    _wake: threading.Condition = field(default_factory=threading.Condition)
    _writing: threading.Lock = field(default_factory=threading.Lock)
    _thread: threading.Thread | None = None
    _closed: bool = False

    def put(self, receipt: Receipt) -> None:
        """Take a receipt to be written soon."""
        with self._wake:
            self._waiting.append(receipt)
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="mnemic-receipts", daemon=True)
                self._thread.start()
            if len(self._waiting) >= MOST_WAITING:
                self._wake.notify()

    def flush(self) -> None:
        """Write all that wait, now."""
        with self._writing:
            with self._wake:
                bundle, self._waiting = self._waiting, []
            try:
                if bundle:
                    self.write(bundle)
            except MnemicError:
                with self._wake:
                    self._waiting = [*bundle, *self._waiting][-MOST_KEPT:]
                raise

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
