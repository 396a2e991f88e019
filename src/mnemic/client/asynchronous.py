"""A memory behind HTTP, for asyncio: the same calls, sent and awaited."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import httpx

from mnemic.client import shapes
from mnemic.client.bank import RemoteBank
from mnemic.client.calls import Call
from mnemic.client.failures import error_of, pause_before_next
from mnemic.client.governing import GoverningCalls
from mnemic.client.memory import MemoryCalls, body_of, headers_of, line_of, options_of, unreachable
from mnemic.core.outcomes import Sealing
from mnemic.core.reading import Where
from mnemic.core.record import Record

T = TypeVar("T")


def _unsent(call: Call[Any]) -> Any:
    return call


class _Unsent(GoverningCalls):
    __slots__ = ()

    def do(self, call: Call[Any]) -> Any:
        return call


def _awaited(build: Callable[..., Any], memory: AsyncRemoteMemory) -> Callable[..., Any]:
    async def awaited(*given: Any, **named: Any) -> Any:
        return await memory.do(build(*given, **named))

    return awaited


@dataclass(frozen=True, slots=True)
class AsyncRemoteBank:
    """A :class:`mnemic.client.RemoteBank` whose verbs are awaited."""

    name: str
    memory: AsyncRemoteMemory

    def __getattr__(self, verb: str) -> Any:
        return _awaited(getattr(RemoteBank(self.name, _unsent), verb), self.memory)

    async def every(self, where: Where | None = None, *, limit: int = 500) -> AsyncIterator[Record]:
        """All records, page by page, of the bank as it is when the first page is read."""
        after: str | None = None
        while True:
            page: shapes.RemotePage = await self.list(where, limit=limit, after=after)
            for record in page.records:
                yield record
            if page.next is None:
                return
            after = page.next


@dataclass(slots=True)
class AsyncRemoteMemory:
    """A :class:`mnemic.client.RemoteMemory` whose methods are awaited."""

    http: httpx.AsyncClient
    attempts: int = 4

    def __getattr__(self, verb: str) -> Any:
        return _awaited(getattr(_Unsent(), verb), self)

    async def switch(self, bank: str, recipe: str, **options: Any) -> Any:
        """See :meth:`mnemic.client.RemoteMemory.switch`."""
        return await AsyncRemoteBank(bank, self).switch(recipe, **options)

    async def do(self, call: Call[T]) -> T:
        """Send a call, again where that helps and does no harm; raises the error that the server tells of."""
        data = await self._answered(call)
        while (following := call.following(data)) is not None:
            more = await self._answered(following)
            data = {**more, call.every: data[call.every] + more[call.every]}
        return call.read(data)

    async def _answered(self, call: Call[Any]) -> Any:
        tries = 0
        while True:
            tries += 1
            try:
                status, headers, data = await self._sent(call)
            except httpx.TransportError as error:
                refused = isinstance(error, httpx.ConnectError)
                if tries >= self.attempts or not (call.again or refused):
                    raise unreachable(self.http, error) from None
                await asyncio.sleep(0.1 * 2**tries)
                continue
            if status < 400:
                return data
            wait = pause_before_next(tries, self.attempts, data, headers.get("retry-after", ""), random.random())
            if wait < 0:
                raise error_of(status, data)
            await asyncio.sleep(wait)

    async def _sent(self, call: Call[T]) -> tuple[int, Mapping[str, str], Any]:
        content = await asyncio.to_thread(call.source.read_bytes) if call.source else call.content()
        given: dict[str, Any] = {"params": call.asked(), "content": content, "headers": headers_of(call)}
        async with self.http.stream(call.method, call.path, **given) as answer:
            if answer.status_code >= 400 or not (call.lines or call.target):
                await answer.aread()
                return answer.status_code, answer.headers, body_of(answer)
            if call.target:
                with call.target.open("wb") as file:
                    async for piece in answer.aiter_bytes():
                        await asyncio.to_thread(file.write, piece)
                return answer.status_code, answer.headers, None
            async for line in answer.aiter_lines():
                if (ended := line_of(line, call)) is not None:
                    return ended[0], answer.headers, ended[1]
            raise httpx.RemoteProtocolError("the answer ended before its result")

    async def bank(
        self, name: str, recipe: str | None = None, *, create: bool = True, sealed: bool = False
    ) -> AsyncRemoteBank:
        """See :meth:`mnemic.client.RemoteMemory.bank`."""
        calls = MemoryCalls(_unsent)
        await self.do(calls.make(name, recipe, sealed=sealed) if create else calls.look(name))  # type: ignore[arg-type]
        return AsyncRemoteBank(name, self)

    async def banks(self) -> list[shapes.BankInfo]:
        """See :meth:`mnemic.client.RemoteMemory.banks`."""
        found: list[shapes.BankInfo] = []
        cursor: str | None = None
        while True:
            call: Any = MemoryCalls(_unsent).page(cursor)
            more, cursor = await self.do(call)
            found += more
            if cursor is None:
                return found

    async def branch(self, bank: str, name: str, **options: Any) -> AsyncRemoteBank:
        """See :meth:`mnemic.client.RemoteMemory.branch`."""
        call: Any = MemoryCalls(_unsent).branch(bank, name, **options)
        return AsyncRemoteBank((await self.do(call)).name, self)

    async def export(self, bank: str, path: str | Path, *, clear: bool = False) -> Path:
        """See :meth:`mnemic.client.RemoteMemory.export`."""
        call: Any = MemoryCalls(_unsent).export(bank, path, clear=clear)
        return Path(await self.do(call))

    async def seal(self, bank: str, *, renew: bool = False) -> Sealing:
        """See :meth:`mnemic.client.RemoteMemory.seal`."""
        call: Any = MemoryCalls(_unsent).seal(bank, renew=renew)
        made: Sealing = await self.do(call)
        return made

    async def tune(self, bank: str) -> bool:
        """See :meth:`mnemic.client.RemoteMemory.tune`."""
        call: Any = MemoryCalls(_unsent).tune(bank)
        made: bool = await self.do(call)
        return made

    async def unseal(self, bank: str) -> Sealing:
        """See :meth:`mnemic.client.RemoteMemory.unseal`."""
        call: Any = MemoryCalls(_unsent).unseal(bank)
        made: Sealing = await self.do(call)
        return made

    async def import_bank(self, path: str | Path, **options: Any) -> AsyncRemoteBank:
        """See :meth:`mnemic.client.RemoteMemory.import_bank`."""
        call: Any = MemoryCalls(_unsent).import_bank(path, **options)
        return AsyncRemoteBank((await self.do(call)).name, self)

    async def close(self) -> None:
        """Close the connections."""
        await self.http.aclose()

    async def __aenter__(self) -> AsyncRemoteMemory:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()


async def connect_async(
    url: str, *, key: str | None = None, timeout: float = 60.0, attempts: int = 4, recipient: str = "",
    purpose: str = "", reason: str = "",
) -> AsyncRemoteMemory:  # fmt: skip
    """Connect to a server for asyncio; takes what :func:`mnemic.client.connect` takes."""
    said = {"recipient": recipient, "purpose": purpose, "reason": reason}
    return AsyncRemoteMemory(httpx.AsyncClient(**options_of(url, key, timeout, **said)), attempts)
