"""What every queue promises: once, one of a bank at a time, when due, held by a heartbeat, and gone with its bank."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import nullcontext
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

import mnemic
from mnemic.core.acting import Acting
from mnemic.core.chance import SystemClock
from mnemic.core.errors import StoreError
from mnemic.jobs import kinds
from mnemic.jobs.attempt import FIRST_PAUSE, LONGEST_PAUSE, MOST_FAILURES, Attempt
from mnemic.jobs.opening import queue_of
from mnemic.jobs.queue import Queue, Wanted, acting_of, options_of
from mnemic.memory import Memory
from mnemic.store.folder import FolderStore
from mnemic.store.notes import Job
from mnemic.store.postgres.store import PostgresStore

from .conftest import STORES, store_at

#: A hold so short that a test can wait for its end.
SHORT = timedelta(seconds=0.4)


@pytest.fixture(scope="module", params=STORES)
def memory(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Memory]:
    where = store_at(request.param, request, tmp_path_factory.mktemp("jobs"))
    with mnemic.open(where, embedder="hashing", reranker="overlap") as opened:
        yield opened


@pytest.fixture
def queue(memory: Memory) -> Queue:
    memory.engine.store.rewrite_jobs({job.id: None for job in memory.jobs()})
    found = replace(queue_of(memory.engine.store, memory.engine.clock), held_for=SHORT)  # type: ignore[type-var]
    assert isinstance(found.held_for, timedelta)
    return found


def taken(queue: Queue, worker: str) -> Job:
    """A job that is there to be taken."""
    job = queue.take(worker)
    assert job is not None
    return job


def waited(queue: Queue, worker: str, seconds: float = 20) -> Job:
    """A job that comes to be there."""
    until = time.monotonic() + seconds
    while (job := queue.take(worker)) is None:
        assert time.monotonic() < until
        time.sleep(0.02)
    return job


def test_what_is_asked_for_is_carried_as_it_is(queue: Queue) -> None:
    acting = Acting(principal="oidc:i|s", recipient="doctor", purpose="care", reason="weekly", groups=("staff",))
    options = {"recipe": "bm25", "list": ["a", None, 1.5], "deep": {"ü": True}}
    asked = queue.enqueue(Wanted(kind="switch", bank="eve / 7", options=options, acting=acting))
    job = taken(queue, "w")
    assert (job.id, job.kind, job.bank, job.state, job.tries) == (asked.id, "switch", "eve / 7", "running", 1)
    assert (options_of(job), acting_of(job)) == (options, acting)
    assert queue.leave(replace(job, state="done", result={"records": 3}))
    (told,) = queue.jobs("eve / 7", "done")
    assert (told.result, told.worker, told.tries) == ({"records": 3}, "w", 1)
    assert queue.jobs("eve") == [] == queue.jobs("eve / 7", "waiting")


def test_twice_is_once_as_long_as_it_waits(queue: Queue) -> None:
    wanted = Wanted(kind="form", bank="anna")
    first = queue.enqueue(wanted)
    assert queue.enqueue(replace(wanted, due=SystemClock().now())).id == first.id
    others = (
        replace(wanted, bank="ben"),
        replace(wanted, kind="consolidate"),
        replace(wanted, options={"close": True}),
        replace(wanted, acting=Acting(principal="key:4f")),
    )
    assert len({first.id, *(queue.enqueue(other).id for other in others)}) == 5
    job = taken(queue, "w")
    assert job.id == first.id
    again = queue.enqueue(wanted)
    assert again.id != first.id, "what runs may have begun before what it is asked for again for"
    # Put off while the same waits, both are done.
    assert queue.leave(replace(job, state="waiting", due=SystemClock().now()))
    assert queue.enqueue(wanted).id in (first.id, again.id)
    assert len(queue.jobs("anna", "waiting")) == 5


def test_of_a_bank_one_runs_and_the_one_that_is_due_longest(queue: Queue) -> None:
    now = SystemClock().now()
    late = queue.enqueue(Wanted(kind="form", bank="anna", due=now - timedelta(minutes=1)))
    early = queue.enqueue(Wanted(kind="consolidate", bank="anna", due=now - timedelta(minutes=9)))
    other = queue.enqueue(Wanted(kind="form", bank="ben", due=now - timedelta(minutes=5)))
    assert [job.id for job in queue.jobs()] == [early.id, other.id, late.id]
    first, second = taken(queue, "a"), taken(queue, "b")
    assert [first.id, second.id] == [early.id, other.id]
    assert queue.take("c") is None
    assert queue.leave(replace(first, state="done"))
    assert not queue.leave(replace(first, state="failed"))
    assert taken(queue, "c").id == late.id


def test_what_is_put_off_keeps_nothing_back(queue: Queue) -> None:
    queue.enqueue(Wanted(kind="form", bank="anna"))
    job = taken(queue, "w")
    due = SystemClock().now() + timedelta(hours=1)
    assert queue.leave(replace(job, state="waiting", due=due, result={"failures": 1}))
    queue.enqueue(Wanted(kind="erase", bank="anna", options={"person": "Anna"}))
    assert taken(queue, "w").kind == "erase"
    (put_off,) = queue.jobs("anna", "waiting")
    assert (put_off.tries, put_off.result, put_off.due) == (1, {"failures": 1}, due)


def test_a_job_is_not_begun_before_it_is_due(queue: Queue) -> None:
    due = SystemClock().now() + timedelta(seconds=0.6)
    queue.enqueue(Wanted(kind="form", bank="anna", due=due))
    assert queue.take("w") is None
    assert waited(queue, "w").due == due
    # The server tells the time by its own clock, which is this machine's.
    assert SystemClock().now() >= due


def test_a_hold_that_is_renewed_stays_and_one_that_is_not_is_lost(queue: Queue) -> None:
    for bank in ("anna", "ben"):
        queue.enqueue(Wanted(kind="form", bank=bank))
    held, silent = taken(queue, "held"), taken(queue, "silent")
    until = time.monotonic() + 3 * SHORT.total_seconds()
    regained = None
    while time.monotonic() < until or regained is None:
        assert queue.hold(held)
        regained = regained or queue.take("other")
        time.sleep(0.05)
    assert (regained.id, regained.tries, regained.worker) == (silent.id, 2, "other")
    assert not queue.hold(silent)
    assert not queue.leave(replace(silent, state="done"))
    assert queue.leave(replace(regained, state="done"))
    assert queue.leave(replace(held, state="done"))
    assert {job.state for job in queue.jobs()} == {"done"}


def test_a_worker_that_could_not_say_how_it_left_a_job_keeps_it_from_nobody(queue: Queue) -> None:
    for bank in ("anna", "ben"):
        queue.enqueue(Wanted(kind="form", bank=bank))
    lost = taken(queue, "w")
    # It goes on, and its heart beats for what it does now.
    now = taken(queue, "w")
    if now.id != lost.id:
        until = time.monotonic() + 20
        while (again := queue.take("other")) is None:
            assert queue.hold(now)
            assert time.monotonic() < until
            time.sleep(0.05)
        assert again.id == lost.id


def test_pauses_grow_and_the_last_failure_ends_it(memory: Memory, queue: Queue) -> None:
    @kinds.kind("probe", "consolidate", times=int)
    def run(_: Any, work: kinds.Work) -> Mapping[str, Any]:
        raise StoreError("the disk is full")

    try:
        queue.enqueue(Wanted(kind="probe", bank="anna", options={"times": 1}))
        for n in range(1, MOST_FAILURES + 1):
            job = taken(queue, "w")
            before = SystemClock().now()
            left = Attempt(memory, job, SystemClock()).run(lambda *_: None)
            assert (left.result["failures"], left.result["reason"], job.tries) == (n, "the disk is full", n)
            if n < MOST_FAILURES:
                pause = min(FIRST_PAUSE * 2 ** (n - 1), LONGEST_PAUSE)
                assert pause <= left.due - before <= pause + timedelta(seconds=5)
                assert queue.leave(left)
                assert queue.take("w") is None, "it is not due"
                # Time passes.
                _make_due(memory, left)
            else:
                assert queue.leave(left)
        assert [job.state for job in queue.jobs()] == ["failed"]
    finally:
        kinds._kinds.pop("probe")


def _make_due(memory: Memory, job: Job) -> None:
    home: Any = memory.engine.store.jobs_home()
    if isinstance(home, PostgresStore):
        with home.connections.writing() as session:
            session.run("UPDATE procrastinate_jobs SET scheduled_at = now() WHERE id = %s", (int(job.id),))
        return
    with home._beside("") if isinstance(home, FolderStore) else nullcontext(home) as store, store.write() as connection:
        connection.execute("UPDATE jobs SET due = 0 WHERE id = ?", (job.id,))


def test_what_ended_is_forgotten_after_a_while(queue: Queue) -> None:
    for bank in ("anna", "ben", "eve"):
        queue.enqueue(Wanted(kind="form", bank=bank))
    one, two = taken(queue, "a"), taken(queue, "b")
    assert queue.leave(replace(one, state="done"))
    assert queue.leave(replace(two, state="failed", result={"reason": "no"}))
    now = SystemClock().now()
    assert queue.forget("done", now - timedelta(hours=1)) == 0
    assert queue.forget("done", now) == 1
    assert {job.state for job in queue.jobs()} == {"failed", "waiting"}


def test_jobs_go_with_their_bank_and_with_no_other(memory: Memory, queue: Queue) -> None:
    for bank in ("anna", "ben"):
        memory.bank(bank, "bm25").retain("We moved to Lisbon.")
        queue.enqueue(Wanted(kind="form", bank=bank))
        queue.enqueue(Wanted(kind="consolidate", bank=bank))
    running = taken(queue, "w")
    assert running.bank == "anna"
    memory.erase_bank("anna")
    assert {job.bank for job in memory.jobs()} == {"ben"}
    assert not queue.hold(running)
    assert not queue.leave(replace(running, state="done"))


def test_who_waits_hears_of_a_job_and_of_the_end(memory: Memory, queue: Queue) -> None:
    stopping, heard = threading.Event(), threading.Event()
    found: list[Job] = []

    def listen() -> None:
        while not stopping.is_set():
            if job := queue.take("listener"):
                found.append(job)
                heard.set()
            else:
                queue.wait(3600, stopping)

    thread = threading.Thread(target=listen)
    thread.start()
    try:
        other = queue_of(memory.engine.store, memory.engine.clock)
        asked = other.enqueue(Wanted(kind="form", bank="anna"))
        assert heard.wait(20)
        assert found[0].id == asked.id
    finally:
        stopping.set()
        thread.join(20)
        queue.close()
    assert not thread.is_alive()
