"""Clients in a closed loop: each has a connection of its own, asks, waits for the answer and asks again.

They speak HTTP over plain streams, since a client library costs more processor time than the server that is measured.
``python benchmarks/closed_loop.py '{"url": ..., "clients": 200, ...}'`` prints what they saw, as JSON.
"""

from __future__ import annotations

import asyncio
import json
import random
import sys
import time
from dataclasses import asdict, dataclass, field
from typing import Any
from urllib.parse import urlsplit


@dataclass
class Plan:
    """What the clients do: ``retains`` is the share of requests that write."""

    url: str
    clients: int = 200
    seconds: float = 60
    banks: int = 50
    retains: float = 0.3
    form: str = "now"


@dataclass
class Seen:
    """What the clients saw: seconds by verb, errors by kind, and by bank the ids that were acknowledged."""

    waits: dict[str, list[float]] = field(default_factory=lambda: {"recall": [], "retain": []})
    errors: dict[str, int] = field(default_factory=dict)
    kept: dict[str, list[str]] = field(default_factory=dict)
    seconds: float = 0.0

    def failed(self, kind: str) -> None:
        """Count an error."""
        self.errors[kind] = self.errors.get(kind, 0) + 1


class Connection:
    """A kept connection of one client."""

    def __init__(self, host: str, port: int) -> None:
        self._host, self._port = host, port
        self._streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    async def post(self, path: str, body: dict[str, Any]) -> int:
        """The status of an answer whose body was read to the end."""
        if self._streams is None:
            self._streams = await asyncio.open_connection(self._host, self._port)
        reader, writer = self._streams
        sent = json.dumps(body).encode()
        head = f"POST {path} HTTP/1.1\r\nHost: {self._host}\r\nContent-Type: application/json\r\n"
        writer.write(f"{head}Content-Length: {len(sent)}\r\n\r\n".encode() + sent)
        try:
            status, *headers = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
            said = dict(line.lower().split(": ", 1) for line in headers if line)
            await reader.readexactly(int(said["content-length"]))
        except (OSError, EOFError):
            self.close()
            raise
        if said.get("connection") == "close":
            self.close()
        return int(status.split()[1])

    def close(self) -> None:
        """End the connection; the next request opens another."""
        if self._streams is not None:
            self._streams[1].close()
        self._streams = None


async def _client(number: int, plan: Plan, until: float, seen: Seen) -> None:
    rng, turn, parts = random.Random(number), 0, urlsplit(plan.url)
    connection = Connection(parts.hostname or "", parts.port or 80)
    while time.perf_counter() < until:
        bank, turn, event = f"bank-{rng.randrange(plan.banks)}", turn + 1, f"{number}-{turn + 1}"
        body: dict[str, Any] = {"question": f"Who told of tea {rng.randrange(99)}?", "tokens": 300}
        verb, path = "recall", "recall"
        if rng.random() < plan.retains:
            said = f"Client {number} told in turn {turn} of tea {rng.randrange(99)} and of garden {rng.randrange(999)}."
            body = {"messages": [{"id": event, "role": "user", "content": said}], "session": f"s{number}"}
            body |= {} if plan.form == "now" else {"form": plan.form}
            verb, path = "retain", "events"
        began = time.perf_counter()
        try:
            status = await connection.post(f"/v1/banks/{bank}/{path}", body)
        except (OSError, EOFError) as error:
            seen.failed(f"{verb} {type(error).__name__}")
            continue
        seen.waits[verb].append(time.perf_counter() - began)
        if status >= 300:
            seen.failed(f"{verb} {status}")
        elif verb == "retain":
            seen.kept.setdefault(bank, []).append(event)
    connection.close()


async def run(plan: Plan) -> Seen:
    """All clients at once, until the time is over and each has its last answer."""
    seen, began = Seen(), time.perf_counter()
    await asyncio.gather(*(_client(n, plan, began + plan.seconds, seen) for n in range(plan.clients)))
    seen.seconds = time.perf_counter() - began
    return seen


if __name__ == "__main__":
    print(json.dumps(asdict(asyncio.run(run(Plan(**json.loads(sys.argv[1])))))))
