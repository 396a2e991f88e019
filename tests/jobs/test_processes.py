"""Real worker processes on one store: each job once, one of a bank at a time, whatever dies."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from mnemic.jobs.opening import queue_of
from mnemic.jobs.queue import Wanted
from mnemic.memory import Memory

from .workers import opened

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="signals of POSIX")
ROOT = Path(__file__).parents[2]


@contextmanager
def working(store: str, concurrency: int = 1, until: str = "stopped") -> Iterator[subprocess.Popen[str]]:
    """A worker in a process of its own; killed in the end if it is still there."""
    command = [sys.executable, "-m", "tests.jobs.workers", store, str(concurrency), until]
    pipe = subprocess.PIPE
    process = subprocess.Popen(command, cwd=ROOT, stdin=pipe, stdout=pipe, text=True, env=os.environ | PATHS)
    try:
        yield process
    finally:
        process.kill()
        process.wait()


def go(*processes: subprocess.Popen[str]) -> None:
    """Wait until workers are ready, and let them begin."""
    for process in processes:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
    for process in processes:
        assert process.stdin is not None
        process.stdin.write("go\n")
        process.stdin.flush()


PATHS = {"PYTHONPATH": os.pathsep.join([str(ROOT / "src"), *filter(None, [os.environ.get("PYTHONPATH")])])}


def asked(memory: Memory, banks: int, jobs: int, seconds: float, file: Path) -> None:
    """Ask for jobs, spread over banks that are made."""
    queue = queue_of(memory.engine.store, memory.engine.clock)
    for n in range(banks):
        memory.bank(f"bank {n}", "bm25")
    for n in range(jobs):
        options = {"n": n, "seconds": seconds, "file": str(file)}
        queue.enqueue(Wanted(kind="probe", bank=f"bank {n % banks}", options=options))


def lines(file: Path) -> list[list[str]]:
    """What the jobs have said."""
    return [line.rsplit(" ", 2) for line in file.read_text("utf-8").splitlines()] if file.exists() else []


def until(true: object, seconds: float = 60) -> None:
    """Wait for something to hold."""
    end = time.monotonic() + seconds
    while not true():  # type: ignore[operator]
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.02)


def never_two_of_one_bank(told: list[list[str]]) -> None:
    """Between a begin and an end of a bank there is no other begin of it."""
    running: dict[str, str] = {}
    for what, n, _ in told:
        verb, bank = what.split(" ", 1)
        if verb == "begin":
            assert bank not in running, f"{bank}: {n} begins while {running[bank]} runs"
            running[bank] = n
        else:
            assert running.pop(bank) == n


def test_two_workers_do_each_of_many_jobs_once_and_never_two_of_a_bank_at_once(where: str, tmp_path: Path) -> None:
    file = tmp_path / "told"
    with opened(where) as memory:
        asked(memory, 20, 200, 0.01, file)
        with working(where, 4, "once") as one, working(where, 4, "once") as two:
            go(one, two)
            assert one.wait(60) == two.wait(60) == 0
        told = lines(file)
        ended = Counter(n for what, n, _ in told if what.startswith("end"))
        assert ended == {str(n): 1 for n in range(200)}
        never_two_of_one_bank(told)
        assert len({pid for _, _, pid in told}) == 2, "both took part"
        assert {job.state for job in memory.jobs()} == {"done"}
        assert {job.tries for job in memory.jobs()} == {1}


def test_what_a_killed_worker_leaves_is_done_once_by_another(where: str, tmp_path: Path) -> None:
    file = tmp_path / "told"
    with opened(where) as memory:
        asked(memory, 1, 1, 1.0, file)
        with working(where) as first:
            go(first)
            until(lambda: lines(file))
            first.send_signal(signal.SIGKILL)
            first.wait()
        with working(where) as second:
            go(second)
            until(lambda: memory.jobs()[0].state == "done")
            second.send_signal(signal.SIGTERM)
            assert second.wait(30) == 0
        told = lines(file)
        assert [what.split()[0] for what, _, _ in told] == ["begin", "begin", "end"]
        assert told[0][2] == str(first.pid)
        assert told[1][2] == told[2][2] == str(second.pid)
        (job,) = memory.jobs()
        assert (job.tries, job.result["n"]) == (2, 0)


def test_a_worker_that_is_asked_to_stop_hands_its_jobs_back(where: str, tmp_path: Path) -> None:
    file = tmp_path / "told"
    with opened(where) as memory:
        asked(memory, 3, 3, 30.0, file)
        with working(where, 3) as process:
            go(process)
            until(lambda: len(lines(file)) == 3)
            process.send_signal(signal.SIGTERM)
            assert process.wait(30) == 0
        assert {(job.state, job.result["handed_back"]) for job in memory.jobs()} == {("waiting", 1)}
