"""Whole stores to PostgreSQL and back, and workers on it."""

from __future__ import annotations

import subprocess
from collections import Counter
from collections.abc import Callable
from pathlib import Path

from mnemic.memory import Memory
from tests.jobs.test_processes import asked, go, lines, never_two_of_one_bank, working
from tests.jobs.workers import opened as plainly
from tests.servers import Server

from .full import fill
from .test_migration import same


def test_to_postgresql_and_back(postgres18: str, tmp_path: Path, opened: Callable[..., Memory]) -> None:
    memory, server, back = opened(tmp_path / "a.db"), opened(postgres18), opened(tmp_path / "back.db")
    fill(memory, turns=10)
    memory.migrate_to(server)
    same(memory, server)
    server.migrate_to(back)
    same(server, back)


def test_two_workers_on_postgresql(postgres18: str, tmp_path: Path) -> None:
    file = tmp_path / "told"
    with plainly(postgres18) as memory:
        asked(memory, 10, 60, 0.01, file)
        with working(postgres18, 2, "once") as one, working(postgres18, 2, "once") as two:
            go(one, two)
            assert one.wait(60) == two.wait(60) == 0
        told = lines(file)
        assert Counter(n for what, n, _ in told if what.startswith("end")) == {str(n): 1 for n in range(60)}
        never_two_of_one_bank(told)


def test_what_a_killed_worker_leaves_on_postgresql(postgres18: str, tmp_path: Path) -> None:
    from tests.jobs.test_processes import test_what_a_killed_worker_leaves_is_done_once_by_another as check

    check(postgres18, tmp_path)


def test_a_dump_restored_is_the_store(server15: Server, tmp_path: Path, opened: Callable[..., Memory]) -> None:
    first, second, dump = server15.fresh(), server15.fresh(), tmp_path / "monday.dump"
    memory = opened(first)
    fill(memory, turns=10)
    dumped = ["pg_dump", "--schema=mnemic", "--format=custom", f"--file={dump}", first]
    for program, *arguments in (dumped, ["pg_restore", f"--dbname={second}", str(dump)]):
        subprocess.run([server15.programs / program, *arguments], check=True)
    same(memory, opened(second))
