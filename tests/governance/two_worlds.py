"""Two stores that are alike but for what somebody may not see, and the same requests to both.

Whatever he sends, he is to get the same answers: the same statuses, bodies and headers. What differs would tell him
something. The requests are made from the application's own OpenAPI, so that a new route takes part by being there.
"""

from __future__ import annotations

import json
import random
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import quote

from fastapi.testclient import TestClient

import mnemic
from mnemic.core.chance import ManualClock
from mnemic.governance.keyring import load_keys, write_key_file
from mnemic.memory import Memory
from mnemic.serve.app import create_app

T = TypeVar("T")
#: Headers that name the exchange and not what it was about.
_OWN = frozenset({"x-request-id", "content-length", "date"})
_CHANCE = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}|(?<=data-\d-)[0-9a-f]{8}|[0-9a-f]{12,}")
_BASE64 = re.compile(r'"signature":\{[^}]*\}')
#: How long something took, and what a search of the whole file came to for words that the asker named himself.
_MEASURED = re.compile(r'(?<="ms":)[0-9.e+-]+|(?<="forming_ms":)[0-9.e+-]+|(?<="verification":)\{[^}]*\}')


def opened(folder: Path, day: int) -> Memory:
    """The store of a folder on a day of its own, on which time stands still unless it is told to go on."""
    keys = folder / "vault.key"
    clock = ManualClock(datetime(2026, 1, day, tzinfo=UTC))
    vault = load_keys(key_file=str(keys)) if keys.exists() else write_key_file(keys)
    return mnemic.open(folder / "agent.db", embedder="hashing", reranker="overlap", clock=clock, seed=day, keys=vault)


def seeded(folder: Path, seed: Callable[[Memory], T]) -> T:
    """Make a store in a folder; gives what ``seed`` gives."""
    folder.mkdir()
    with opened(folder, 1) as memory:
        return seed(memory)


@dataclass
class World:
    """A store behind HTTP with what ``beside`` puts into it, asked by the holder of a key."""

    folder: Path
    key: str
    beside: Callable[[Memory], object] | None = None
    memory: Memory = field(init=False)
    http: TestClient = field(init=False)
    names: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if self.beside is not None:
            # Made by another hand, so that chance and time are the same for what follows.
            with opened(self.folder, 2) as other:
                self.beside(other)
        self.memory = opened(self.folder, 3)
        self.http = TestClient(create_app(self.memory), headers={"Accept-Encoding": "identity"})

    def close(self) -> None:
        """Close the store."""
        self.http.close()
        self.memory.close()

    def told(self, method: str, url: str, **sent: Any) -> tuple[int, str, str]:
        """What a request is answered: status, body and headers, without what is chance."""
        clock: Any = self.memory.engine.clock
        clock.advance(timedelta(seconds=1))
        answer = self.http.request(method, url, headers={"X-API-Key": self.key, **sent.pop("headers", {})}, **sent)
        self.memory.flush()
        # An archive is a file made now, of what is read elsewhere.
        packed = answer.headers.get("content-type") == "application/octet-stream"
        headers = sorted((name, value) for name, value in answer.headers.items() if name not in _OWN)
        return answer.status_code, "" if packed else self.plain(_sorted(answer.text)), self.plain(str(headers))

    def plain(self, text: str) -> str:
        """A text in which keys, hashes and measures stand as they came."""
        text = _MEASURED.sub("0", _BASE64.sub('"signature":{}', text))
        return _CHANCE.sub(lambda found: self.names.setdefault(found[0], f"<{len(self.names)}>"), text)


def _sorted(text: str) -> str:
    """Lines of JSON with their fields in order: in which they come may hang on chance."""
    try:
        lines = [json.loads(line) for line in text.splitlines()]
    except ValueError:
        return text
    return "\n".join(json.dumps(line, sort_keys=True, separators=(",", ":")) for line in lines)


Request = tuple[str, str, dict[str, Any]]


def requests(
    schema: Mapping[str, Any], banks: Sequence[str], words: Sequence[str], chance: random.Random, times: int
) -> Iterator[Request]:
    """Requests to every route behind ``/v1``, on each of the banks, with words wherever one can stand."""
    made = []
    for path, methods in schema["paths"].items():
        for method, operation in methods.items():
            for bank in banks:
                made += [_request(schema, path, method, operation, bank, words, chance) for _ in range(times)]
    chance.shuffle(made)
    yield from made


def _request(
    schema: Mapping[str, Any], path: str, method: str, operation: Mapping[str, Any], bank: str, words: Sequence[str],
    chance: random.Random,
) -> Request:  # fmt: skip
    params: list[tuple[str, str]] = []
    headers: dict[str, str] = {}
    for parameter in operation.get("parameters", ()):
        parameter = resolved(schema, parameter)
        name, place = parameter["name"], parameter["in"]
        if place == "path":
            value = bank if name == "bank" else ("1" if name == "number" else chance.choice(words))
            path = path.replace("{" + name + "}", quote(value, safe=""))
        elif place == "query" and (parameter.get("required") or chance.random() < 0.3):
            params += [(name, one) for one in _values(parameter, bank, words, chance)]
        elif name == "Idempotency-Key" and chance.random() < 0.3:
            headers[name] = chance.choice(("k1", "k2"))
        elif name == "If-Match" and chance.random() < 0.3:
            headers[name] = f'"{chance.choice(words)}"'
    sent: dict[str, Any] = {"params": params, "headers": headers}
    content = operation.get("requestBody", {}).get("content", {})
    if "application/json" in content:
        body = _example(resolved(schema, content["application/json"]["schema"]))
        sent["content"] = json.dumps(_mixed(body, bank, words, chance))
        headers["Content-Type"] = "application/json"
    elif content:
        sent["content"] = json.dumps({"content": chance.choice(words)})
    return method.upper(), path, sent


def _values(parameter: Mapping[str, Any], bank: str, words: Sequence[str], chance: random.Random) -> list[str]:
    name, text = parameter["name"], json.dumps(parameter["schema"])
    if name == "bank":
        return [bank]
    if name == "where":
        return [json.dumps({chance.choice(("ids", "sessions", "actors", "labels")): [chance.choice(words)]})]
    if name in ("since", "until", "as_of", "start", "end"):
        return [chance.choice(("0", "3", "2026-06-02", chance.choice(words)))]
    if (enum := re.search(r'"enum": \[(.*?)\]', text)) is not None:
        return [chance.choice(re.findall(r"\w+", enum[1]))]
    if '"integer"' in text:
        return [chance.choice(("1", "5", "100"))]
    if '"boolean"' in text:
        return ["true"]
    return chance.sample(words, 2) if '"array"' in text else [chance.choice(words)]


def resolved(schema: Mapping[str, Any], part: Mapping[str, Any]) -> Mapping[str, Any]:
    """A part of a schema itself, where it is named by reference or is one of several."""
    if "anyOf" in part:
        part = part["anyOf"][0]
    while "$ref" in part:
        found: Any = schema
        for step in part["$ref"].removeprefix("#/").split("/"):
            found = found[step]
        part = found
    return part


def _example(shape: Mapping[str, Any]) -> Any:
    return shape["examples"][0]


def _mixed(value: Any, bank: str, words: Sequence[str], chance: random.Random) -> Any:
    if isinstance(value, dict):
        return {name: _mixed(one, bank, words, chance) for name, one in value.items()}
    if isinstance(value, list):
        return [_mixed(one, bank, words, chance) for one in value]
    if isinstance(value, str) and chance.random() < 0.5:
        return chance.choice((bank, *words))
    return value
