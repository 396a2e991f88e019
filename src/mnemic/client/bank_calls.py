"""What all calls on a bank of a server have in common: their paths, and how a change is sent."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar

from mnemic.client import shapes
from mnemic.client.calls import Call, path_of
from mnemic.core.outcomes import Written
from mnemic.core.record import Record

T = TypeVar("T")


class BankCalls:
    """Calls on one bank; ``do`` sends one and gives what it came to."""

    __slots__ = ()

    name: str
    do: Callable[[Call[Any]], Any]

    def _path(self, *parts: str) -> str:
        return path_of("banks", self.name, *parts)

    def _ask(self, verb: str, body: Mapping[str, Any], read: Callable[[Any], T]) -> T:
        given = {name: value for name, value in body.items() if value is not None}
        made: T = self.do(Call("POST", self._path(*verb.split("/")), read, body=given))
        return made

    def _change(self, parts: Sequence[str], body: Mapping[str, Any] | None = None) -> Written:
        made: Written = self.do(Call("POST", self._path(*parts), shapes.written, body=body, headers=once_key()))
        return made


def once_key() -> dict[str, str]:
    """The header by which a request is done once, however often it is sent."""
    return {"Idempotency-Key": uuid.uuid4().hex}


def records_of(data: Any) -> Sequence[Record]:
    """The records of an answer."""
    return [Record.from_json(one) for one in data["records"]]
