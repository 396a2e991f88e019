"""What serving adds: recall over HTTP above the library, and the time to the first answer of HTTP and of MCP.

    python benchmarks/serving.py                      # with the hashing embedder
    python benchmarks/serving.py --embedder bge-small # with the real local embedder and reranker

Library and HTTP take turns on one bank, a request over a kept connection. Starts are of whole processes on a store in
a file, recipe ``default``; beside the wall stands the processor time, which other work on the machine changes less.
"""

from __future__ import annotations

import argparse
import contextlib
import http.client
import json
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from load import processor_s

TURNS = 300
MODELS = {"hashing": "overlap", "bge-small": "minilm-l12"}


def environment(embedder: str) -> dict[str, str]:
    """Settings of a process under measurement."""
    return {**os.environ, "MNEMIC_EMBEDDER": embedder, "MNEMIC_RERANKER": MODELS[embedder]}


def command(*words: str) -> list[str]:
    """The command line that is measured."""
    return [sys.executable, "-m", "mnemic.cli", *words]


@contextlib.contextmanager
def serving(store: Path, embedder: str) -> Iterator[tuple[str, int]]:
    """A server's address, as soon as it says it, and its process."""
    server = subprocess.Popen(
        command("serve", "--store", str(store), "--port", "0", "--json"),
        env=environment(embedder),
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    assert server.stdout is not None
    try:
        yield json.loads(server.stdout.readline())["url"], server.pid
    finally:
        server.terminate()
        server.wait()


def asked(connection: http.client.HTTPConnection, method: str, path: str, body: dict[str, Any] | None = None) -> None:
    """Send a request and read its answer."""
    sent = None if body is None else json.dumps(body)
    connection.request(method, path, sent, {"Content-Type": "application/json"})
    answer = connection.getresponse()
    said = answer.read()
    assert answer.status == 200, said


def above_the_library(folder: Path, embedder: str, rounds: int) -> dict[str, Any]:
    """Milliseconds of a recall by library and over HTTP, turn by turn, and the median of the differences.

    ``processor_ms`` is what the library used, and what the server did to answer: it leaves the waiting out.
    """
    import mnemic

    store, out = folder / "agent.db", dict[str, Any]()
    with mnemic.open(store, embedder=embedder, reranker=MODELS[embedder]) as memory:
        bank = memory.bank("anna")
        bank.retain([f"Turn {n} told of tea {n % 99} and of garden {n * 7 % 999}." for n in range(TURNS)], session="s")
        with serving(store, embedder) as (url, pid):
            parts = urlsplit(url)
            connection = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=60)
            for profile in ("balanced", "fast"):
                waits: dict[str, list[float]] = {"library": [], "http": []}
                own_s, served_s = 0.0, 0.0
                for n in range(rounds + 10):
                    question = f"Who told of tea {n % 99}?"
                    body = {"question": question, "tokens": 500, "profile": profile}
                    ways: dict[str, Callable[[], Any]] = {
                        "library": lambda question=question, profile=profile: bank.recall(
                            question, tokens=500, profile=profile
                        ),
                        "http": lambda body=body: asked(connection, "POST", "/v1/banks/anna/recall", body),
                    }
                    if n == 10:
                        served_s = processor_s(pid)
                    for way in ways if n % 2 else reversed(ways):
                        began, before = time.perf_counter(), time.process_time()
                        ways[way]()
                        # The first rounds warm models, indexes and caches of both.
                        if n >= 10:
                            waits[way].append(1000 * (time.perf_counter() - began))
                            own_s += time.process_time() - before if way == "library" else 0.0
                more = [over - own for own, over in zip(waits["library"], waits["http"], strict=True)]
                out[profile] = {f"{way}_ms": round(statistics.median(of_one), 2) for way, of_one in waits.items()}
                out[profile]["http_above_library_ms"] = round(statistics.median(more), 2)
                out[profile]["least_ms"] = [round(min(of_one), 2) for of_one in waits.values()]
                used = (own_s, processor_s(pid) - served_s)
                out[profile]["processor_ms"] = [round(1000 * seconds / rounds, 2) for seconds in used]
    return out


def _mcp(store: Path, embedder: str, calls: bool) -> float:
    """Start an MCP server over stdio, greet it, and perhaps ask it for a recall; gives when the last answer came."""
    server = subprocess.Popen(
        command("mcp", "--store", str(store), "--bank", "anna"),
        env=environment(embedder), stdin=subprocess.PIPE, stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL, text=True,
    )  # fmt: skip
    assert server.stdin is not None
    assert server.stdout is not None
    hello = {"protocolVersion": "2025-06-18", "capabilities": {}, "clientInfo": {"name": "serving", "version": "1"}}
    recall = {"name": "recall", "arguments": {"question": "Who told of tea 5?"}}
    messages: list[dict[str, Any]] = [{"id": 1, "method": "initialize", "params": hello}]
    if calls:
        messages += [{"method": "notifications/initialized"}, {"id": 2, "method": "tools/call", "params": recall}]
    for message in messages:
        server.stdin.write(json.dumps({"jsonrpc": "2.0", **message}) + "\n")
        server.stdin.flush()
        if "id" in message:
            said = json.loads(server.stdout.readline())
            assert said["id"] == message["id"], said
            assert not said["result"].get("isError"), said
    answered = time.perf_counter()
    server.stdin.close()
    server.wait()
    return answered


def _http(store: Path, embedder: str) -> float:
    """Start a server and wait until it is ready; gives when it was."""
    with serving(store, embedder) as (url, _):
        parts = urlsplit(url)
        asked(http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=60), "GET", "/ready")
        return time.perf_counter()


def _timed(run: Callable[[], float], repeats: int) -> dict[str, float]:
    walls, cpus = [], []
    for _ in range(repeats):
        began, before = time.perf_counter(), _children_s()
        walls.append(run() - began)
        cpus.append(_children_s() - before)
    return {"median_s": round(statistics.median(walls), 2), "least_s": round(min(walls), 2),
            "processor_s": round(statistics.median(cpus), 2)}  # fmt: skip


def _children_s() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def first_answers(folder: Path, embedder: str, repeats: int) -> dict[str, Any]:
    """Seconds from the start of a process to its first answer, on a store that is there."""
    store = folder / "agent.db"
    ways: dict[str, Callable[[], float]] = {
        "serve_ready": lambda: _http(store, embedder),
        "mcp_greeting": lambda: _mcp(store, embedder, calls=False),
        "mcp_recall": lambda: _mcp(store, embedder, calls=True),
    }
    return {name: _timed(run, repeats) for name, run in ways.items()}


def main() -> None:
    """Run and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--embedder", choices=MODELS, default="hashing")
    parser.add_argument("--rounds", type=int, default=200)
    parser.add_argument("--repeats", type=int, default=7)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="mnemic-serving-") as folder:
        told = {"embedder": given.embedder, **above_the_library(Path(folder), given.embedder, given.rounds)}
        print(json.dumps(told | first_answers(Path(folder), given.embedder, given.repeats), indent=1))


if __name__ == "__main__":
    main()
