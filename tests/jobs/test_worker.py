"""Jobs are asked for once, done by a worker, told, tried again, given up, and handed back."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping
from datetime import timedelta
from typing import Any

import pytest

from mnemic.core.acting import Acting
from mnemic.core.chance import SystemClock
from mnemic.core.errors import BadInput, NotFound, StoreError
from mnemic.jobs import kinds
from mnemic.jobs.attempt import MOST_FAILURES
from mnemic.jobs.opening import queue_of
from mnemic.jobs.queue import acting_of
from mnemic.jobs.ticking import Tick
from mnemic.jobs.worker import Worker
from mnemic.memory import Memory

from .conftest import EMBEDDED

TURNS = [f"turn {i} about tea {i % 7}" for i in range(12)]


@pytest.fixture
def probe() -> Iterator[list[str]]:
    """A kind of job whose behaviour a test chooses by its option, and the banks that it was done on."""
    seen: list[str] = []

    @kinds.kind("probe", "consolidate", fail=str)
    def run(memory: Any, work: kinds.Work) -> Mapping[str, Any]:
        seen.append(work.bank)
        if work.options.get("fail") == "store":
            raise StoreError("the disk is full")
        if work.options.get("fail") == "defect":
            raise ValueError("secret words")
        if work.options.get("fail") == "input":
            raise BadInput("tea: is none")
        return {"n": len(seen)}

    yield seen
    kinds._kinds.pop("probe")


def test_a_late_write_is_committed_and_formed_by_a_worker(memory: Memory) -> None:
    anna = memory.bank("anna")
    written = anna.retain(TURNS, session="s1", form="later")
    assert (len(written.added), written.pending, written.records) == (12, 12, ())
    assert "worker" in written.pending_reason
    assert anna.stats()["waiting"] == 12
    assert anna.retain([{"id": written.added[0], "content": TURNS[0]}], session="s1", form="later").skipped == 1
    assert [(job.kind, job.state) for job in memory.jobs("anna")] == [("form", "waiting")]
    assert Worker(memory).run(once=True) == {"done": 1}
    assert anna.stats()["waiting"] == 0
    (job,) = memory.jobs("anna")
    assert job.state == "done"
    assert job.result["records"] == anna.stats()["records"] > 0
    plain = memory.bank("ben")
    plain.retain(TURNS, session="s1")
    assert sorted(r.value for r in plain.list().records) == sorted(r.value for r in anna.list().records)
    with pytest.raises(BadInput, match="form"):
        anna.retain("tea", form="never")  # type: ignore[arg-type]


def test_asking_twice_is_asking_once_and_what_is_not_known_is_refused(memory: Memory) -> None:
    memory.bank("anna")
    first = memory.enqueue("consolidate", "anna", {"retry": True})
    assert memory.enqueue("consolidate", "anna", {"retry": True}).id == first.id
    assert memory.enqueue("consolidate", "anna").id != first.id
    with pytest.raises(BadInput, match="known are consolidate"):
        memory.enqueue("dance", "anna")
    with pytest.raises(BadInput, match="retri"):
        memory.enqueue("consolidate", "anna", {"retri": True})
    with pytest.raises(BadInput, match="type bool"):
        memory.enqueue("consolidate", "anna", {"retry": "yes"})
    with pytest.raises(NotFound):
        memory.enqueue("consolidate", "ben")
    assert len(memory.jobs()) == 2


def test_a_job_carries_who_asked(memory: Memory) -> None:
    memory.bank("anna")
    asked = Acting(principal="key:4f", purpose="care", reason="weekly")
    job = memory.enqueue("switch", "anna", {"recipe": "bm25"}, acting=asked)
    assert acting_of(job) == asked
    assert acting_of(memory.jobs("anna")[0]) == asked
    local = memory.enqueue("switch", "anna", {"recipe": "bm25"})
    assert local.id != job.id


def test_every_kind_does_what_its_verb_does(memory: Memory) -> None:
    anna = memory.bank("anna", "hybrid")
    anna.retain(TURNS)
    memory.enqueue("switch", "anna", {"recipe": "bm25"})
    memory.enqueue("reembed", "anna")
    memory.enqueue("consolidate", "anna")
    assert Worker(memory).run(once=True) == {"done": 3}
    assert memory.bank("anna").recipe.name == "bm25"
    results = {job.kind: job.result for job in memory.jobs()}
    assert results["switch"]["events"] == 12
    assert results["reembed"]["already"] is True


@pytest.mark.parametrize("where", EMBEDDED, indirect=True)
def test_a_failure_is_told_tried_again_and_given_up(memory: Memory, probe: list[str]) -> None:
    memory.bank("anna")
    memory.enqueue("probe", "anna", {"fail": "store"})
    worker = Worker(memory)
    for n in range(1, MOST_FAILURES + 1):
        assert len(probe) == n - 1
        worker.run(once=True)
        (job,) = memory.jobs("anna")
        assert job.result["failures"] == n
        assert job.result["reason"] == "the disk is full"
        assert job.state == ("failed" if n == MOST_FAILURES else "waiting")
        memory.engine.clock.advance(timedelta(hours=1))  # type: ignore[attr-defined]
    assert Worker(memory).run(once=True) == {}


def test_what_fails_for_good_is_not_tried_again_and_content_is_not_told(
    where: str, opened: Callable[..., Memory], probe: list[str]
) -> None:
    # When a pause is over the server's clock says, so that this one must be right.
    memory = opened(where, clock=SystemClock())
    for bank, fail in (("anna", "input"), ("ben", "defect")):
        memory.bank(bank)
        memory.enqueue("probe", bank, {"fail": fail})
    Worker(memory).run(once=True)
    found = {job.bank: job for job in memory.jobs()}
    assert (found["anna"].state, found["anna"].result["reason"]) == ("failed", "tea: is none")
    assert found["ben"].state == "waiting"
    assert "secret" not in str(found["ben"].result)
    assert "ValueError" in found["ben"].result["reason"]


def test_a_worker_that_stops_hands_back_and_another_goes_on(memory: Memory) -> None:
    memory.bank("anna")
    begun, worker = threading.Event(), Worker(memory)

    @kinds.kind("slow", "consolidate")
    def run(_: Any, work: kinds.Work) -> Mapping[str, Any]:
        begun.set()
        for n in range(10_000):
            threading.Event().wait(0.005)
            work.on_progress(n, 10_000)
        return {}

    try:
        memory.enqueue("slow", "anna")
        ended: list[Mapping[str, int]] = []
        thread = threading.Thread(target=lambda: ended.append(worker.run()))
        thread.start()
        assert begun.wait(10)
        worker.stop()
        thread.join(10)
        assert ended == [{"handed back": 1}]
        (job,) = memory.jobs("anna")
        assert (job.state, job.result) == ("waiting", {"handed_back": 1})
        taken = queue_of(memory.engine.store, memory.engine.clock).take("another")
        assert taken is not None
        assert taken.id == job.id
    finally:
        kinds._kinds.pop("slow")


def test_the_tick_asks_for_what_nobody_calls_for(where: str, opened: Callable[..., Memory]) -> None:
    memory = opened(where, language_model="rules")
    anna = memory.bank("anna", "rsum")
    ben = memory.bank("ben", "bm25")
    anna.retain(TURNS, session="s1", form="later")
    queue = queue_of(memory.engine.store, memory.engine.clock)
    queue.forget("waiting", memory.engine.clock.now())
    ben.retain(TURNS, session="s1")
    tick = Tick(memory, queue)
    assert tick() == 0, "the banks were used just now"
    memory.engine.clock.advance(timedelta(hours=1))  # type: ignore[attr-defined]
    assert tick() == 1
    assert tick() == 0, "it waits already"
    assert [(job.bank, job.kind) for job in memory.jobs()] == [("anna", "consolidate")]
    assert Worker(memory).run(once=True) == {"done": 1}
    assert anna.stats()["waiting"] == 0
    memory.engine.clock.advance(timedelta(hours=1))  # type: ignore[attr-defined]
    assert tick() == 0, "nothing is wanted any more"
    assert memory.jobs() == [], "what is done is forgotten after a while"
