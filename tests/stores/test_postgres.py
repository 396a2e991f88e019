"""Whole stores to PostgreSQL and back."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from pathlib import Path

from mnemic.jobs.worker import Worker
from mnemic.memory import Memory
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


def test_a_dump_restored_is_the_store(server15: Server, tmp_path: Path, opened: Callable[..., Memory]) -> None:
    first, second, dump = server15.fresh(), server15.fresh(), tmp_path / "monday.dump"
    memory = opened(first)
    fill(memory, turns=10)
    schemas = ["--schema=mnemic", "--schema=mnemic_jobs"]
    dumped = ["pg_dump", *schemas, "--format=custom", f"--file={dump}", first]
    for program, *arguments in (dumped, ["pg_restore", f"--dbname={second}", str(dump)]):
        subprocess.run([server15.programs / program, *arguments], check=True)
    restored = opened(second)
    same(memory, restored)
    assert restored.jobs() == memory.jobs()
    assert Worker(restored).run(once=True) == {"done": 1}
    assert [job.state for job in memory.jobs()] == ["waiting"]
