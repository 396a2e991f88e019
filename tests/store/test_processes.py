"""Many processes on one store: no error, no stale read, and what was acknowledged is what is there."""

from __future__ import annotations

import ctypes
import multiprocessing as mp
import time
from collections.abc import Callable
from multiprocessing.sharedctypes import Synchronized
from pathlib import Path
from queue import Empty
from typing import Any

import pytest

import mnemic
from mnemic.core.errors import StoreError
from mnemic.memory import Memory

SECONDS = {"agent.db": 10.0, "banks": 3.0}
FORK = mp.get_context("fork")


def opened(path: str) -> Memory:
    """A memory with stand-ins for models."""
    return mnemic.open(path, embedder="hashing", reranker="overlap")


def write(path: str, who: int, acked: Synchronized[int], ready: Any, failures: Any) -> None:
    """Retain one event after another, and count each that was acknowledged."""
    try:
        with opened(path) as memory:
            bank = memory.bank("anna")
            ready.wait()
            until = time.monotonic() + SECONDS[Path(path).name]
            i = 0
            while time.monotonic() < until:
                bank.retain({"id": f"w{who}-{i}", "content": f"number{i} of writer{who}"}, session=f"w{who}")
                with acked.get_lock():
                    acked.value += 1
                if i % 5 == 4:
                    bank.feedback("cited", [bank.list(limit=1).records[0].id])
                i += 1
    except BaseException as error:
        failures.put(f"writer {who}: {error!r}")
        raise


def read(path: str, who: int, counts: list[Synchronized[int]], ready: Any, failures: Any) -> None:
    """Look for what was acknowledged before the look began."""
    try:
        with opened(path) as memory:
            bank = memory.bank("anna")
            ready.wait()
            until = time.monotonic() + SECONDS[Path(path).name]
            looks = 0
            while time.monotonic() < until:
                known = [count.value for count in counts]
                total = sum(known)
                if bank.stats()["events"] < total:
                    failures.put(f"reader {who}: {total} were acknowledged, {bank.stats()['events']} are there")
                if known[who % 2]:
                    last = known[who % 2] - 1
                    found = [f.record.value for f in bank.search(f"number{last} writer{who % 2}", k=3)]
                    if f"number{last} of writer{who % 2}" not in found:
                        failures.put(f"reader {who}: number{last} was acknowledged and not found in {found}")
                looks += 1
            if not looks:
                failures.put(f"reader {who} never looked")
    except BaseException as error:
        failures.put(f"reader {who}: {error!r}")
        raise


def drained(failures: Any) -> list[str]:
    """All that the processes complained of."""
    out = []
    while True:
        try:
            out.append(failures.get(timeout=0.2))
        except Empty:
            return out


def test_two_writers_and_four_readers(where: str) -> None:
    with opened(where) as memory:
        memory.bank("anna")
    counts = [FORK.Value(ctypes.c_int64, 0) for _ in range(2)]
    failures = FORK.Queue()
    ready = FORK.Barrier(6)
    workers = [FORK.Process(target=write, args=(where, i, counts[i], ready, failures)) for i in range(2)]
    workers += [FORK.Process(target=read, args=(where, i, counts, ready, failures)) for i in range(4)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert drained(failures) == []
    assert [worker.exitcode for worker in workers] == [0] * 6
    with opened(where) as memory:
        assert memory.bank("anna").stats()["events"] == sum(count.value for count in counts) > 0
        assert memory.check() == []


def open_first(path: str, ready: Any, failures: Any) -> None:
    """Open a store that nobody has made yet, at the same moment as others."""
    ready.wait()
    try:
        with opened(path) as memory:
            memory.bank("anna").retain("hello")
    except BaseException as error:
        failures.put(repr(error))
        raise


def test_processes_that_make_the_store_and_the_bank_at_once(tmp_path: Path) -> None:
    failures = FORK.Queue()
    for attempt in range(3):
        path, ready = str(tmp_path / f"{attempt}.db"), FORK.Event()
        workers = [FORK.Process(target=open_first, args=(path, ready, failures)) for _ in range(5)]
        for worker in workers:
            worker.start()
        time.sleep(0.5)
        ready.set()
        for worker in workers:
            worker.join()
        assert drained(failures) == []
        with opened(path) as memory:
            assert memory.bank("anna").stats()["events"] == 5
            assert memory.check() == []


def test_a_forked_process_is_told_to_open_its_own(opened: Callable[..., Memory], tmp_path: Path) -> None:
    memory = opened(tmp_path / "agent.db")
    memory.bank("anna").retain("hello")
    context = FORK
    told = context.Queue()

    def child() -> None:
        try:
            memory.banks()
        except StoreError as error:
            told.put(str(error))

    worker = context.Process(target=child)
    worker.start()
    assert "opened by another process" in told.get(timeout=30)
    worker.join()
    assert memory.bank("anna").recall("hello").text


@pytest.mark.parametrize("writers", [2])
def test_two_processes_form_a_waiting_session_once(opened: Callable[..., Memory], where: str, writers: int) -> None:
    from mnemic.formation.index_text import IndexText
    from mnemic.formation.per_session import PerSession
    from mnemic.formation.turn_record import TurnRecord
    from mnemic.recipes.bm25 import RECIPE

    recipe = mnemic.Recipe(
        name="waiting",
        summary="sessions",
        formation=PerSession() >> TurnRecord() >> IndexText(key="turn", previous=0, dense=False),
        retrieval=RECIPE.retrieval,
    )
    memories = [opened(where) for _ in range(writers)]
    banks = [memory.bank("anna", recipe=recipe) for memory in memories]
    banks[0].retain(["one", "two", "three"], session="s1")
    engine, store = memories[0].engine, type(memories[0].engine.store)
    original = store.transaction
    raced: list[Any] = []

    def racing(self: Any, bank: str) -> Any:
        # Another process forms the session between this one's reading and its writing.
        if self is engine.store and not raced:
            raced.append(banks[1].close_sessions())
        return original(self, bank)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(store, "transaction", racing)
        banks[0].close_sessions()
    assert [len(written.records) for written in raced] == [3]
    assert banks[0].stats()["records"] == 3
