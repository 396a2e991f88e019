"""The façade for asyncio: the same verbs, run in worker threads. The core stays synchronous."""

from __future__ import annotations

import asyncio
import functools
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mnemic.bank import Bank
from mnemic.memory import Memory, open_memory


@dataclass(frozen=True, slots=True)
class AsyncBank:
    """A :class:`mnemic.bank.Bank` whose methods are awaited.

    >>> import mnemic, tempfile
    >>> async def main(path):
    ...     async with await mnemic.open_async(path, embedder="hashing", reranker="overlap") as memory:
    ...         anna = await memory.bank("anna")
    ...         await anna.retain("We moved to Lisbon.")
    ...         return (await anna.recall("Where do we live?")).text
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     "Lisbon" in asyncio.run(main(folder + "/agent.db"))
    True
    """

    sync: Bank

    def __getattr__(self, name: str) -> Any:
        return _threaded(getattr(self.sync, name))


@dataclass(frozen=True, slots=True)
class AsyncMemory:
    """A :class:`mnemic.memory.Memory` whose methods are awaited."""

    sync: Memory

    async def bank(self, name: str | None = None, **options: Any) -> AsyncBank:
        """See :meth:`mnemic.memory.Memory.bank`."""
        return AsyncBank(await asyncio.to_thread(self.sync.bank, name, **options))

    async def branch(self, bank: str, name: str, **options: Any) -> AsyncBank:
        """See :meth:`mnemic.memory.Memory.branch`."""
        return AsyncBank(await asyncio.to_thread(self.sync.branch, bank, name, **options))

    async def import_bank(self, path: str | Path, **options: Any) -> AsyncBank:
        """See :meth:`mnemic.memory.Memory.import_bank`."""
        return AsyncBank(await asyncio.to_thread(self.sync.import_bank, path, **options))

    def __getattr__(self, name: str) -> Any:
        return _threaded(getattr(self.sync, name))

    async def __aenter__(self) -> AsyncMemory:
        return self

    async def __aexit__(self, *_: object) -> None:
        await asyncio.to_thread(self.sync.close)


def _threaded(method: Any) -> Any:
    if not callable(method):
        return method

    @functools.wraps(method)
    async def awaited(*args: Any, **options: Any) -> Any:
        return await asyncio.to_thread(method, *args, **options)

    return awaited


async def open_async(path: str | Path | None = None, **options: Any) -> AsyncMemory:
    """Open a memory for asyncio; takes what :func:`mnemic.open` takes."""
    return AsyncMemory(await asyncio.to_thread(open_memory, path, **options))
