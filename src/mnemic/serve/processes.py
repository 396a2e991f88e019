"""Several processes behind one socket, for machines with several cores: each opens the store for itself.

The first process listens, starts the others, and starts one anew that ends by itself. They share nothing but the
socket and the store; what one is told to keep is in the store before it answers. Limits hold for each. ``/metrics``
of any tells the figures of all. When the first process is gone, the others stop as if they had been told to.
"""

from __future__ import annotations

import logging
import multiprocessing
import os
import signal
import socket
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
from typing import Any

from mnemic.config import Settings
from mnemic.core.errors import StoreError
from mnemic.serve.figures import SHARED_FOLDER
from mnemic.serve.server import DRAIN_S, address_of

_LOG = logging.getLogger("mnemic.serve")
#: Seconds beyond the draining that a process gets to close its store.
_CLOSING_S = 10
#: A process that ends sooner after it was ready than this is not started anew at once.
_SOON_S = 1.0


@dataclass(slots=True)
class _Others:
    """The processes that serve."""

    settings: Settings
    listening: socket.socket
    running: list[BaseProcess] = field(default_factory=list)

    def start(self) -> Connection:
        """Start one more; gives the end of a pipe that tells when it is ready."""
        context = multiprocessing.get_context("spawn")
        told, tell = context.Pipe(duplex=False)
        process = context.Process(target=_serve_beside, args=(self.settings, self.listening, tell), name="mnemic-serve")
        process.start()
        tell.close()
        self.running.append(process)
        return told

    def stop(self) -> None:
        """Tell all to stop, and wait until they have; what does not end in time is killed."""
        until = time.monotonic() + DRAIN_S + _CLOSING_S
        for process in self.running:
            process.terminate()
        for process in self.running:
            process.join(max(0.0, until - time.monotonic()))
            if process.is_alive():
                process.kill()
                process.join()


def serve_in_processes(
    settings: Settings, listening: socket.socket, processes: int, *, on_start: Callable[[str], None]
) -> None:
    """Serve the store of ``settings`` from several processes until told to stop; what is under way ends first.

    Raises StoreError when one of them cannot start.
    """
    others = _Others(settings, listening)
    with tempfile.TemporaryDirectory(prefix="mnemic-figures-") as folder, _stopping() as stop:
        os.environ[SHARED_FOLDER] = folder
        try:
            for told in [others.start() for _ in range(processes)]:
                _await_ready(told, stop)
            if not _is_set(stop):
                on_start(address_of(listening))
            _watch(others, stop)
        finally:
            others.stop()
            del os.environ[SHARED_FOLDER]


def _await_ready(told: Connection, stop: socket.socket) -> None:
    if told in wait([told, stop]):
        try:
            told.recv()
        except EOFError:
            raise StoreError("serve: a process that should serve did not start; its log tells why") from None
    told.close()


def _watch(others: _Others, stop: socket.socket) -> None:
    """Start anew what ends by itself, until told to stop."""
    while not _is_set(stop):
        wait([stop, *(process.sentinel for process in others.running)])
        for process in [process for process in others.running if not process.is_alive()]:
            if _is_set(stop):
                return
            _LOG.warning("a process has ended and is started anew", extra={"fields": {"exit": process.exitcode}})
            others.running.remove(process)
            wait([stop], _SOON_S)
            if not _is_set(stop):
                others.start().close()


def _is_set(stop: socket.socket) -> bool:
    return bool(wait([stop], 0))


@contextmanager
def _stopping() -> Iterator[socket.socket]:
    """A socket that can be read once the process is told to stop."""
    seen, told = socket.socketpair()
    before = {each: signal.signal(each, lambda *_: told.send(b"x")) for each in (signal.SIGTERM, signal.SIGINT)}
    try:
        yield seen
    finally:
        for each, handler in before.items():
            signal.signal(each, handler)
        seen.close()
        told.close()


def _serve_beside(settings: Settings, listening: socket.socket, tell: Any) -> None:
    """What each of the processes does."""
    from mnemic.memory import open_memory
    from mnemic.serve.server import serve

    threading.Thread(target=_end_with_the_first, name="mnemic-first-process", daemon=True).start()
    with open_memory(settings=settings) as memory, tell:
        serve(memory, listening, beside_others=True, on_start=tell.send)


def _end_with_the_first() -> None:
    first = multiprocessing.parent_process()
    assert first is not None
    first.join()
    os.kill(os.getpid(), signal.SIGTERM)
