"""A call: what is sent and how its answer is read, without sending it."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Generic, TypeVar
from urllib.parse import quote

T = TypeVar("T")
Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class Call(Generic[T]):
    """One request. ``again`` says that sending it twice does no more than sending it once.

    ``lines`` says that the answer comes line by line with progress; ``target`` is a file that its body goes to, and
    ``source`` one that the request's comes from. ``every`` names the list of an answer that comes in pages: all of them
    are read, one after the other.
    """

    method: str
    path: str
    read: Callable[[Any], T]
    params: Mapping[str, Any] = field(default_factory=dict)
    body: Mapping[str, Any] | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    again: bool = True
    lines: bool = False
    on_progress: Progress | None = None
    source: Path | None = None
    target: Path | None = None
    every: str = ""

    def content(self) -> bytes | None:
        """The body as it is sent."""
        return None if self.body is None else json.dumps(self.body, allow_nan=False).encode()

    def following(self, data: Any) -> Call[T] | None:
        """The call of the page behind an answer, where there is one and all are wanted."""
        if not self.every or data["next"] is None:
            return None
        return replace(self, params={**self.params, "cursor": data["next"]})

    def asked(self) -> dict[str, Any]:
        """The parameters that were given."""
        return {name: value for name, value in self.params.items() if value is not None}


def path_of(*parts: str) -> str:
    """A path below ``/v1``; what parts hold of slashes, dots and percent signs stays theirs.

    >>> path_of("banks", "a/b", "stats"), path_of("banks", "..")
    ('/v1/banks/a%2Fb/stats', '/v1/banks/%2E%2E')
    """
    quoted = [quote(part, safe="", errors="surrogatepass") for part in parts]
    return "/v1/" + "/".join(part.replace(".", "%2E") if not part.strip(".") else part for part in quoted)
