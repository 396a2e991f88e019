"""Writes to one bank queue, first come first served, before they take a thread.

Threads are few. Were writers to wait for their bank within one, a single busy bank could hold them all, and everyone
else would wait with it.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager

from fastapi import Depends, Request

from mnemic.serve.parameters import decoded


class WriteQueues:
    """A lock for each bank that is being written; asyncio's locks serve waiters in their order."""

    def __init__(self) -> None:
        self._locks: dict[str, asyncio.Lock] = {}
        self._users: Counter[str] = Counter()

    @property
    def depth(self) -> int:
        """How many writes run or wait."""
        return self._users.total()

    @asynccontextmanager
    async def turn(self, bank: str) -> AsyncIterator[None]:
        """Wait for one's turn to write to a bank, and have it until the end."""
        lock = self._locks.setdefault(bank, asyncio.Lock())
        self._users[bank] += 1
        try:
            async with lock:
                yield
        finally:
            self._users[bank] -= 1
            if not self._users[bank]:
                del self._users[bank], self._locks[bank]

    @contextmanager
    def turn_in_thread(self, bank: str, loop: asyncio.AbstractEventLoop) -> Iterator[None]:
        """The same for work that has a thread of its own: its loop keeps the queue."""
        turn = self.turn(bank)
        asyncio.run_coroutine_threadsafe(turn.__aenter__(), loop).result()
        try:
            yield
        finally:
            asyncio.run_coroutine_threadsafe(turn.__aexit__(None, None, None), loop).result()


async def _writing(request: Request) -> AsyncIterator[None]:
    queues: WriteQueues = request.app.state.queues
    async with queues.turn(decoded(request.path_params["bank"])):
        yield


#: What a route that writes to the bank of its path declares among its ``dependencies``.
Writing = Depends(_writing, scope="function")
