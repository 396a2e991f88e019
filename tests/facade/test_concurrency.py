"""Threads and tasks on one memory: no error, no lost event, no read that misses what was acknowledged."""

from __future__ import annotations

import asyncio
import random
import threading
from collections.abc import Callable

import mnemic
from mnemic.memory import Memory


def test_eight_threads_read_and_write_one_memory(memory: Memory) -> None:
    failures: list[BaseException] = []
    done: dict[int, int] = {}

    def work(who: int) -> None:
        rng = random.Random(who)
        try:
            for i in range(12):
                bank = memory.bank(f"bank{i % 2}")
                bank.retain({"id": f"{who}-{i}", "content": f"number{i} of thread{who}"}, session=f"s{who}")
                values = [found.record.value for found in bank.search(f"number{i} thread{who}", k=3)]
                assert f"number{i} of thread{who}" in values
                ids = [record.id for record in bank.list(limit=100).records]
                chosen = rng.choice(ids)
                bank.feedback("cited", [chosen])
                if i % 3 == 0:
                    bank.feedback("label", [chosen], text=f"label{who}")
                with bank.engine.view(bank.name) as view:
                    assert view.facts("session")[f"s{who}"] >= 1
                bank.recall("number", as_of=rng.randint(0, 20))
            done[who] = 12
        except BaseException as error:
            failures.append(error)

    threads = [threading.Thread(target=work, args=(who,)) for who in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    assert sum(done.values()) == sum(memory.bank(f"bank{i}").stats()["events"] for i in range(2)) == 96
    assert memory.check() == []
    for i in range(2):
        touched = [record.stats.cited for record in memory.bank(f"bank{i}").list(limit=1000).records]
        assert sum(touched) == 48


def test_matrices_make_room_for_one_another_while_both_are_searched(memory: Memory) -> None:
    for name in ("a", "b"):
        memory.bank(name).retain([f"turn {i} of {name}" for i in range(60)])
    cache = memory.engine.store.cache if hasattr(memory.engine.store, "cache") else memory.engine.store._cache  # type: ignore[attr-defined]
    cache.budget = 300_000
    failures: list[BaseException] = []

    def look(name: str) -> None:
        try:
            for i in range(60):
                assert all(f.record.value.endswith(name) for f in memory.bank(name).search(f"turn {i}", k=5))
        except BaseException as error:
            failures.append(error)

    threads = [threading.Thread(target=look, args=(name,)) for name in "abab"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []


def test_fifty_tasks_retain_and_recall_at_once(where: str) -> None:
    async def main() -> tuple[int, list[str], list[str]]:
        async with await mnemic.open_async(where, embedder="hashing", reranker="overlap") as memory:
            banks = await asyncio.gather(*(memory.bank("anna") for _ in range(5)))
            anna = banks[0]
            assert anna.name == "anna"
            writes = [anna.retain({"id": f"e{i}", "content": f"number{i}"}) for i in range(50)]
            reads = [anna.recall(f"number{i}") for i in range(50)]
            done = await asyncio.gather(*writes, *reads)
            stats = await anna.stats()
            added = [event for written in done[:50] for event in written.added]
            found = [(await anna.recall(f"number{i}", tokens=200)).text for i in range(50)]
            assert await memory.check() == []
            return stats["events"], added, found

    events, added, found = asyncio.run(main())
    assert events == 50
    assert sorted(added) == sorted(f"e{i}" for i in range(50))
    assert all(f"number{i}" in text for i, text in enumerate(found))


def test_a_memory_is_closed_while_a_thread_reads(where: str, opened: Callable[..., Memory]) -> None:
    memory = opened(where)
    bank = memory.bank("anna")
    bank.retain([f"turn {i}" for i in range(50)])
    ended: list[BaseException | None] = []

    def read() -> None:
        try:
            while True:
                bank.recall("turn")
        except mnemic.MnemicError as error:
            ended.append(error)
        except BaseException:
            ended.append(None)
            raise

    threads = [threading.Thread(target=read) for _ in range(3)]
    for thread in threads:
        thread.start()
    memory.close()
    for thread in threads:
        thread.join()
    assert all("closed" in str(error) for error in ended)
    assert len(ended) == 3
