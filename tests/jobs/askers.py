"""A process for tests that asks for jobs: those of other processes too, at the same instant."""

from __future__ import annotations

import sys

from mnemic.jobs.opening import queue_of
from mnemic.jobs.queue import Wanted

from .workers import opened


def main(path: str, jobs: str) -> None:
    """Ask for jobs as soon as a line comes in, and print their ids."""
    with opened(path) as memory:
        print("ready", flush=True)
        sys.stdin.readline()
        queue = queue_of(memory.engine.store, memory.engine.clock)
        for n in range(int(jobs)):
            print(queue.enqueue(Wanted(kind="form", bank=f"bank {n}", options={"close": True})).id, flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
