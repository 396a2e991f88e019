"""A memory behind HTTP, for code that waits for each answer."""

from __future__ import annotations

import json
import random
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Any, TypeVar

import httpx

from mnemic.client import shapes
from mnemic.client.bank import RemoteBank
from mnemic.client.calls import Call, Progress, path_of
from mnemic.client.failures import Unreachable, error_of, pause_before_next
from mnemic.client.governing import GoverningCalls
from mnemic.core.errors import BadInput
from mnemic.core.outcomes import Sealing

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class MemoryCalls:
    """How banks as a whole are asked for; ``do`` sends a call and gives what it came to."""

    do: Callable[[Call[Any]], Any]

    def make(self, name: str, recipe: str | None = None, *, sealed: bool = False) -> shapes.BankInfo:
        """Make a bank, unless it is there."""
        body: dict[str, Any] = {} if recipe is None else {"recipe": recipe}
        if sealed:
            body["sealed"] = True
        made: shapes.BankInfo = self.do(Call("PUT", path_of("banks", name), shapes.bank, body=body))
        return made

    def look(self, name: str) -> shapes.BankInfo:
        """A bank that is there; raises NotFound."""
        made: shapes.BankInfo = self.do(Call("GET", path_of("banks", name), shapes.bank))
        return made

    def page(self, cursor: str | None = None) -> tuple[list[shapes.BankInfo], str | None]:
        """A page of banks, and the cursor of the next."""

        def read(data: Any) -> tuple[list[shapes.BankInfo], str | None]:
            return [shapes.bank(one) for one in data["banks"]], data["next"]

        made: tuple[list[shapes.BankInfo], str | None]
        made = self.do(Call("GET", path_of("banks"), read, {"cursor": cursor, "limit": 1000}))
        return made

    def branch(
        self, bank: str, name: str, *, at: int | None = None, on_progress: Progress | None = None
    ) -> shapes.BankInfo:
        """A new bank that is what another was at a seq of its log, or is now."""
        body = {"name": name} | ({} if at is None else {"at": at})
        path = path_of("banks", bank, "branch")
        call = Call("POST", path, shapes.bank, body=body, lines=True, again=False, on_progress=on_progress)
        made: shapes.BankInfo = self.do(call)
        return made

    def export(self, bank: str, path: str | Path, *, clear: bool = False) -> Path:
        """Write a whole bank to an archive; gives its path."""
        target, query = Path(path), {"clear": "true"} if clear else {}
        made: Path = self.do(Call("GET", path_of("banks", bank, "export"), lambda _: target, query, target=target))
        return made

    def seal(self, bank: str, *, renew: bool = False) -> Sealing:
        """Encrypt the content of a bank at rest."""
        path, body = path_of("banks", bank, "seal"), {"renew": renew}
        made: Sealing = self.do(Call("POST", path, shapes.sealing, body=body, lines=True, again=False))
        return made

    def unseal(self, bank: str) -> Sealing:
        """Lay a sealed bank down in clear again."""
        call = Call("POST", path_of("banks", bank, "unseal"), shapes.sealing, lines=True, again=False)
        made: Sealing = self.do(call)
        return made

    def tune(self, bank: str) -> bool:
        """Make what a large bank is searched faster by, where the server has such a thing; whether it was made."""
        call = Call("POST", path_of("banks", bank, "tune"), lambda data: bool(data["made"]), lines=True, again=False)
        made: bool = self.do(call)
        return made

    def import_bank(
        self, path: str | Path, *, name: str | None = None, on_progress: Progress | None = None
    ) -> shapes.BankInfo:
        """Rebuild a bank from an archive, all of it or nothing."""
        call = Call("POST", path_of("import"), shapes.bank, {"name": name}, lines=True, again=False,
                    on_progress=on_progress, source=Path(path))  # fmt: skip
        made: shapes.BankInfo = self.do(call)
        return made


@dataclass(slots=True)
class RemoteMemory(GoverningCalls):
    """The banks of a server; make one with :func:`connect`. Use it as a context manager, or call ``close``."""

    http: httpx.Client
    attempts: int = 4
    calls: MemoryCalls = field(init=False)

    def __post_init__(self) -> None:
        self.calls = MemoryCalls(self.do)

    def do(self, call: Call[T]) -> T:
        """Send a call, again where that helps and does no harm; raises the error that the server tells of."""
        data = self._answered(call)
        while (following := call.following(data)) is not None:
            more = self._answered(following)
            data = {**more, call.every: data[call.every] + more[call.every]}
        return call.read(data)

    def _answered(self, call: Call[Any]) -> Any:
        tries = 0
        while True:
            tries += 1
            try:
                status, headers, data = self._sent(call)
            except httpx.TransportError as error:
                refused = isinstance(error, httpx.ConnectError)
                if tries >= self.attempts or not (call.again or refused):
                    raise unreachable(self.http, error) from None
                time.sleep(0.1 * 2**tries)
                continue
            if status < 400:
                return data
            wait = pause_before_next(tries, self.attempts, data, headers.get("retry-after", ""), random.random())
            if wait < 0:
                raise error_of(status, data)
            time.sleep(wait)

    def _sent(self, call: Call[T]) -> tuple[int, Mapping[str, str], Any]:
        source = call.source.open("rb") if call.source else None
        try:
            content: Any = source or call.content()
            given = {"params": call.asked(), "content": content, "headers": headers_of(call)}
            with self.http.stream(call.method, call.path, **given) as answer:
                if answer.status_code >= 400 or not (call.lines or call.target):
                    answer.read()
                    return answer.status_code, answer.headers, body_of(answer)
                if call.target:
                    with call.target.open("wb") as file:
                        for piece in answer.iter_bytes():
                            file.write(piece)
                    return answer.status_code, answer.headers, None
                for line in answer.iter_lines():
                    if (ended := line_of(line, call)) is not None:
                        return ended[0], answer.headers, ended[1]
                raise httpx.RemoteProtocolError("the answer ended before its result")
        finally:
            if source:
                source.close()

    def bank(self, name: str, recipe: str | None = None, *, create: bool = True, sealed: bool = False) -> RemoteBank:
        """A bank by name, made when it is not there and ``create`` holds; ``sealed`` encrypts its content at rest."""
        if create:
            self.calls.make(name, recipe, sealed=sealed)
        else:
            self.calls.look(name)
        return RemoteBank(name, self.do)

    def banks(self) -> list[shapes.BankInfo]:
        """The banks that the sender may see, by name."""
        found, cursor = self.calls.page()
        while cursor is not None:
            more, cursor = self.calls.page(cursor)
            found += more
        return found

    def branch(self, bank: str, name: str, *, at: int | None = None, on_progress: Progress | None = None) -> RemoteBank:
        """A new bank that is what ``bank`` was at seq ``at`` of its log, or is now."""
        return RemoteBank(self.calls.branch(bank, name, at=at, on_progress=on_progress).name, self.do)

    def export(self, bank: str, path: str | Path, *, clear: bool = False) -> Path:
        """Write a whole bank to a portable, checksummed archive; gives its path. A sealed bank asks for ``clear``."""
        return self.calls.export(bank, path, clear=clear)

    def seal(self, bank: str, *, renew: bool = False) -> Sealing:
        """Encrypt the content of a bank at rest; ``renew`` gives one that is sealed another key."""
        return self.calls.seal(bank, renew=renew)

    def unseal(self, bank: str) -> Sealing:
        """Lay a sealed bank down in clear again."""
        return self.calls.unseal(bank)

    def tune(self, bank: str) -> bool:
        """Make what a large bank is searched faster by; a worker does it by itself."""
        return self.calls.tune(bank)

    def import_bank(
        self, path: str | Path, *, name: str | None = None, on_progress: Progress | None = None
    ) -> RemoteBank:
        """Rebuild a bank from an archive, under its own or another name; all of it or nothing."""
        return RemoteBank(self.calls.import_bank(path, name=name, on_progress=on_progress).name, self.do)

    def switch(self, bank: str, recipe: str, *, on_progress: Progress | None = None) -> Any:
        """Make of all events of a bank what another recipe makes of them."""
        return RemoteBank(bank, self.do).switch(recipe, on_progress=on_progress)

    def close(self) -> None:
        """Close the connections."""
        self.http.close()

    def __enter__(self) -> RemoteMemory:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def headers_of(call: Call[Any]) -> dict[str, str]:
    """The headers of a call."""
    return dict(call.headers) | ({"Content-Type": "application/json"} if call.body is not None else {})


def body_of(answer: httpx.Response) -> Any:
    """The JSON of an answer; of a failure that is none, such as a proxy's page, nothing."""
    if answer.status_code == httpx.codes.NO_CONTENT:
        return None
    try:
        data = answer.json()
    except ValueError:
        data = None
    if answer.status_code < 400 and data is None:
        raise httpx.RemoteProtocolError("the answer is no JSON: is this the address of a mnemic server?")
    return data if answer.status_code < 400 or isinstance(data, dict) else {}


def line_of(line: str, call: Call[Any]) -> tuple[int, Any] | None:
    """What a line of a stream says: nothing yet, a result, or a problem with its status."""
    if not line:
        return None
    data = json.loads(line)
    if "progress" in data:
        if call.on_progress:
            call.on_progress(data["progress"]["done"], data["progress"]["total"])
        return None
    return (200, data["result"]) if "result" in data else (data["problem"]["status"], data["problem"])


def unreachable(http: Any, error: Exception) -> Unreachable:
    """The error of a server that gives no answer."""
    return Unreachable(f"url: {http.base_url} gives no answer ({type(error).__name__}: {error}); is 'mnemic serve' up?")


def options_of(
    url: str, key: str | None, timeout: float, *, recipient: str = "", purpose: str = "", reason: str = ""
) -> dict[str, Any]:
    """What both kinds of connection are opened with; raises BadInput on an address that is none."""
    if not url.startswith(("http://", "https://")):
        raise BadInput(f"url: {url!r} is no address of a server; give one such as http://127.0.0.1:8420")
    said = {"X-Mnemic-Recipient": recipient, "X-Mnemic-Purpose": purpose, "X-Mnemic-Reason": reason}
    headers = {name: value.encode() for name, value in said.items() if value}
    if key:
        headers["Authorization"] = f"Bearer {key}".encode()
    limits = httpx.Limits(max_connections=100, max_keepalive_connections=20)
    return {"base_url": url.rstrip("/"), "headers": headers, "timeout": timeout, "limits": limits}


def connect(
    url: str, *, key: str | None = None, timeout: float = 60.0, attempts: int = 4, recipient: str = "",
    purpose: str = "", reason: str = "",
) -> RemoteMemory:  # fmt: skip
    """Connect to a server.

    ``key`` is an API key or token; ``timeout`` in seconds holds for each step of a request; ``attempts`` is how often a
    request is sent at most. ``recipient``, ``purpose`` and ``reason`` are told with every request.
    """
    said = {"recipient": recipient, "purpose": purpose, "reason": reason}
    return RemoteMemory(httpx.Client(**options_of(url, key, timeout, **said)), attempts)
