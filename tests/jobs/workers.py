"""A worker process for tests: does jobs of kind ``probe``, which leave a line in a file when they begin and end."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import mnemic
from mnemic.jobs import kinds
from mnemic.jobs.opening import queue_of
from mnemic.jobs.worker import Worker
from mnemic.memory import Memory

HOLD = timedelta(seconds=1.5)


def note(path: str, *words: object) -> None:
    """Append a line at once and whole."""
    with open(path, "ab", buffering=0) as file:  # noqa: PTH123
        file.write((" ".join(map(str, words)) + "\n").encode())


@kinds.kind("probe", "consolidate", n=int, seconds=float, file=str)
def probe(_: Any, work: kinds.Work) -> Mapping[str, Any]:
    """Say that it begins, work for a while, and say that it is done."""
    n, file = work.options["n"], work.options["file"]
    note(file, "begin", work.bank, n, os.getpid())
    until = time.monotonic() + work.options["seconds"]
    while time.monotonic() < until:
        time.sleep(0.005)
        work.on_progress(0, 1)
    note(file, "end", work.bank, n, os.getpid())
    return {"n": n}


def opened(path: str) -> Memory:
    """The store, with models that need no weights."""
    return mnemic.open(path, embedder="hashing", reranker="overlap")


def main(path: str, concurrency: str, once: str) -> None:
    """Work until SIGTERM, or until nothing is due."""
    import signal
    from dataclasses import replace

    with opened(path) as memory:
        queue = replace(queue_of(memory.engine.store, memory.engine.clock), held_for=HOLD)  # type: ignore[type-var]
        worker = Worker(memory, int(concurrency), queue, grace=timedelta(seconds=5))
        signal.signal(signal.SIGTERM, lambda *_: worker.stop())
        print("ready", flush=True)
        sys.stdin.readline()
        print(dict(worker.run(once=once == "once")), flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
