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
from tests.servers import programs_of_18, server

from .conftest import STORES, store_at
from .workers import opened

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="signals of POSIX")
ROOT = Path(__file__).parents[2]


@pytest.fixture(params=[name for name in STORES if name != "postgres15"])
def where(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The address of a store without banks, on each kind of queue."""
    return store_at(request.param, request, tmp_path)


@contextmanager
def working(store: str, concurrency: int = 1, until: str = "stopped") -> Iterator[subprocess.Popen[str]]:
    """A worker in a process of its own; killed in the end if it is still there."""
    with running("tests.jobs.workers", store, str(concurrency), until) as process:
        yield process


@contextmanager
def running(module: str, *arguments: str) -> Iterator[subprocess.Popen[str]]:
    """A module in a process of its own; killed in the end if it is still there."""
    command = [sys.executable, "-m", module, *arguments]
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


def test_processes_that_ask_at_one_instant_are_heard_once(where: str) -> None:
    with running("tests.jobs.askers", where, "12") as one, running("tests.jobs.askers", where, "12") as two:
        # The first of them also makes the tables of the queue.
        go(one, two)
        told = [process.communicate(timeout=60)[0].split() for process in (one, two)]
    assert len(told[0]) == 12
    assert told[0] == told[1]
    with opened(where) as memory:
        assert sorted(job.id for job in memory.jobs()) == sorted(told[0])


def test_each_of_many_jobs_is_done_once_though_one_of_three_workers_is_killed(where: str, tmp_path: Path) -> None:
    file = tmp_path / "told"
    with opened(where) as memory:
        asked(memory, 20, 120, 0.02, file)
        with working(where, 3) as one, working(where, 3) as two, working(where, 3) as victim:
            go(one, two, victim)
            until(lambda: len([line for line in lines(file) if line[2] == str(victim.pid)]) > 7)
            victim.send_signal(signal.SIGKILL)
            victim.wait()
            until(lambda: {job.state for job in memory.jobs()} == {"done"})
            for process in (one, two):
                process.send_signal(signal.SIGTERM)
            assert one.wait(30) == two.wait(30) == 0
        told, dead = lines(file), str(victim.pid)
        ends = Counter(n for what, n, _ in told if what.startswith("end"))
        killed = [n for n, tries in ((str(job.result["n"]), job.tries) for job in memory.jobs()) if tries > 1]
        assert 0 < len(killed) <= 3, "what it was doing, and nothing else, was taken up again"
        assert {job.tries for job in memory.jobs()} == {1, 2}
        # It may have been killed between the end of a job and saying so.
        assert all(times == 1 or (n in killed and times == 2) for n, times in ends.items())
        assert len(ends) == 120
        unfinished = [
            line for line in told if line[2] == dead and [line[0].replace("begin", "end"), *line[1:]] not in told
        ]
        never_two_of_one_bank([line for line in told if line not in unfinished])
        assert len({pid for _, _, pid in told}) == 3, "all took part"


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


def test_workers_outlive_a_server_that_is_killed(tmp_path: Path) -> None:
    file = tmp_path / "told"
    with server(programs_of_18(), durable=True) as started:
        where = started.fresh()
        with opened(where) as memory:
            asked(memory, 6, 18, 0.2, file)
            with working(where, 2) as process:
                go(process)
                until(lambda: len(lines(file)) > 5)
                started.kill()
                started.start()
                until(lambda: {job.state for job in memory.jobs()} == {"done"})
                queue_of(memory.engine.store, memory.engine.clock).enqueue(
                    Wanted(kind="probe", bank="bank 0", options={"n": 99, "seconds": 0.0, "file": str(file)})
                )
                # It listens again.
                until(lambda: ["end bank 0", "99", str(process.pid)] in lines(file))
                process.send_signal(signal.SIGTERM)
                assert process.wait(30) == 0
            ended = Counter(n for what, n, _ in lines(file) if what.startswith("end"))
            assert set(ended) == {*map(str, range(18)), "99"}
            assert {job.state for job in memory.jobs()} == {"done"}
            # What ran when the server went is done again; what was done before is not.
            assert len([n for n, times in ended.items() if times > 1]) <= 2
            assert max(ended.values()) <= 2
