"""Progress on standard error: a bar that appears when something takes long, and only on a terminal."""

from __future__ import annotations

import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

#: Seconds after which a person starts to wonder.
PATIENCE = 0.4


class Bar:
    """Told of the work done; draws itself once it has been running for a while."""

    def __init__(self, label: str) -> None:
        self.label = label
        self.done, self.total = 0, 0
        self._timer = threading.Timer(PATIENCE, self._start)
        self._timer.daemon = True
        self._drawn: Any = None
        self._task: Any = None

    def __call__(self, done: int, total: int, label: str = "") -> None:
        """So much of so much is done."""
        self.done, self.total, self.label = done, total, label or self.label
        if self._drawn is not None:
            self._drawn.update(
                self._task, completed=done, total=total or None, description=self.label, count=self._count()
            )

    def _count(self) -> str:
        return f"{self.done:,} of {self.total:,}" if self.total else ""

    def _start(self) -> None:
        from rich.console import Console
        from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

        columns = (
            SpinnerColumn(), TextColumn("{task.description}"), BarColumn(), TextColumn("{task.fields[count]}"),
            TimeElapsedColumn(),
        )  # fmt: skip
        drawn = Progress(*columns, console=Console(stderr=True), transient=True)
        self._task = drawn.add_task(self.label, total=self.total or None, completed=self.done, count=self._count())
        drawn.start()
        self._drawn = drawn

    def start(self) -> None:
        """Begin to wait."""
        self._timer.start()

    def stop(self) -> None:
        """Take the bar away."""
        self._timer.cancel()
        self._timer.join()
        if self._drawn is not None:
            self._drawn.stop()


@contextmanager
def progress(label: str) -> Iterator[Bar]:
    """A bar for the work inside; silent when standard error is no terminal.

    >>> with progress("reading") as bar:
    ...     bar(1, 2)
    """
    bar = Bar(label)
    if not sys.stderr.isatty():
        yield bar
        return
    bar.start()
    try:
        yield bar
    finally:
        bar.stop()
