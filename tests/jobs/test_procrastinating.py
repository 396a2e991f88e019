"""What procrastinate alone asks for: its tables from an older release, jobs that waited elsewhere, its own tools."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace

import psycopg
import pytest

from mnemic.core.chance import SystemClock
from mnemic.core.errors import StoreError
from mnemic.core.times import to_micros
from mnemic.jobs.opening import close_queue, queue_of
from mnemic.jobs.queue import Wanted
from mnemic.jobs.schema import migrations
from mnemic.jobs.worker import Worker
from mnemic.memory import Memory

Opened = Callable[..., Memory]
#: The last migration but those of the newest release that changed anything.
OLDER = [path for path in migrations() if path.name < "03.03"]


def test_tables_of_an_older_procrastinate_are_brought_up_to_date(postgres18: str, opened: Opened) -> None:
    memory = opened(postgres18, clock=SystemClock())
    with psycopg.connect(postgres18, autocommit=True) as connection:
        connection.execute("CREATE SCHEMA mnemic_jobs")
        connection.execute("SET search_path TO mnemic_jobs")
        for migration in OLDER:
            connection.execute(migration.read_bytes())
        connection.execute("CREATE TABLE migrated AS SELECT %s::text AS migration", (OLDER[-1].name,))
        connection.execute(
            "CREATE TABLE outcomes (job bigint PRIMARY KEY REFERENCES procrastinate_jobs (id) ON DELETE CASCADE,"
            " worker text NOT NULL, result jsonb NOT NULL DEFAULT '{}')"
        )
        queue = queue_of(memory.engine.store, memory.engine.clock)
        queue.enqueue(Wanted(kind="form", bank="anna"))
        job = queue.take("w")
        assert job is not None
        # To try again is what the newest migration has changed.
        assert queue.leave(replace(job, state="waiting"))
        assert queue.take("w") is not None
        assert connection.execute("SELECT migration FROM migrated").fetchone() == (migrations()[-1].name,)
        connection.execute("UPDATE migrated SET migration = '99.00.00_01_new.sql'")
        close_queue(memory.engine.store)
        with pytest.raises(StoreError, match="newer procrastinate"):
            queue_of(memory.engine.store, memory.engine.clock)


def test_jobs_of_an_older_release_are_taken_over_once(postgres18: str, opened: Opened) -> None:
    memory = opened(postgres18, clock=SystemClock())
    memory.bank("anna", "bm25")
    now = SystemClock().now()
    body = {"options": {}, "by": {"principal": "local", "recipient": "", "purpose": "", "reason": ""}}
    with psycopg.connect(postgres18, autocommit=True) as connection:
        for number, (kind, state) in enumerate(
            [("form", "waiting"), ("consolidate", "running"), ("form", "done"), ("form", "waiting")]
        ):
            connection.execute(
                "INSERT INTO mnemic.jobs (id, bank, kind, due, state, tries, worker, until, body, result)"
                " VALUES (%s, 'anna', %s, %s, %s, 1, '', NULL, %s, '{}')",
                (f"j{number}", kind, to_micros(now), state, json.dumps(body)),
            )
        both = opened(postgres18, clock=SystemClock())
        assert [[job.kind for job in each.jobs()] for each in (memory, both)] == [["form", "consolidate"]] * 2
        assert connection.execute("SELECT COUNT(*) FROM mnemic.jobs").fetchone() == (0,)
    assert memory.enqueue("form", "anna").id == memory.jobs()[0].id
    assert Worker(memory).run(once=True) == {"done": 2}


def test_stores_of_one_database_have_a_queue_each(postgres18: str, opened: Opened) -> None:
    one, other = opened(postgres18), opened(postgres18 + "?schema=team")
    for memory in (one, other):
        memory.bank("anna", "bm25")
    one.enqueue("consolidate", "anna")
    assert other.jobs() == []
    assert Worker(other).run(once=True) == {}
    assert Worker(one).run(once=True) == {"done": 1}


def test_what_somebody_cancels_with_procrastinates_tools_is_not_done(postgres18: str, opened: Opened) -> None:
    memory = opened(postgres18)
    memory.bank("anna", "bm25")
    job = memory.enqueue("consolidate", "anna")
    with psycopg.connect(postgres18) as connection:
        connection.execute("SET search_path TO mnemic_jobs")
        connection.execute("SELECT procrastinate_cancel_job_v1(%s, false, false)", (int(job.id),))
    assert Worker(memory).run(once=True) == {}
    assert [found.state for found in memory.jobs()] == ["failed"]
