"""What a store knows of its jobs without their queue: rows of procrastinate's tables, read, rewritten, taken out.

They lie in a schema beside the store's. A bank's name is the lock of its jobs, a kind the name of a task; the queue,
which lays them down, is :mod:`mnemic.jobs.procrastinating`. Each function works in the caller's session.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from psycopg.types.json import Jsonb

from mnemic.store.notes import Job, JobState
from mnemic.store.postgres.connections import Session

#: What becomes of procrastinate's words; one that somebody cancelled with its own tools will not be done.
_STATES: Mapping[str, JobState] = {"todo": "waiting", "doing": "running", "succeeded": "done"}
#: When a job is due: it was put off until then, or is since it was asked for.
_DUE = "COALESCE(j.scheduled_at, (j.args->>'asked')::timestamptz)"


def jobs_schema(schema: str) -> str:
    """The schema of the jobs of a store.

    >>> jobs_schema("mnemic")
    'mnemic_jobs'
    """
    return f"{schema}_jobs"


def laid(session: Session, schema: str) -> bool:
    """Whether a store has a queue."""
    row = session.row("SELECT to_regclass(%s) IS NOT NULL", (f"{jobs_schema(schema)}.outcomes",))
    return bool(row and row[0])


def read_jobs(
    session: Session, schema: str, bank: str | None = None, state: str | None = None, job_id: str | None = None
) -> list[Job]:
    """Jobs of a bank, or of all, and in a state, or in any, in the order in which they are due; or the one of an id."""
    words = None if state is None else [word for word in _WORDS if _state(word) == state]
    named = [("j.lock = %s", bank), ("j.status::text = ANY(%s)", words), ("j.id = %s", job_id and int(job_id))]
    wanted = " AND ".join(test for test, value in named if value is not None) or "TRUE"
    beside = jobs_schema(schema)
    rows = session.rows(
        f"SELECT j.id::text, j.lock, j.task_name, {_DUE}, j.args, j.status::text,"
        " j.attempts + (j.status = 'doing')::int, COALESCE(o.worker, ''), COALESCE(o.result, '{}')"
        f" FROM {beside}.procrastinate_jobs j LEFT JOIN {beside}.outcomes o ON o.job = j.id"
        f" WHERE {wanted} ORDER BY {_DUE}, j.id",
        [value for _, value in named if value is not None],
    )
    return [
        Job(
            id=row[0], bank=row[1], kind=row[2], due=row[3].astimezone(UTC), body=row[4], state=_state(row[5]),
            tries=row[6], worker=row[7], result=row[8],
        )
        for row in rows
    ]  # fmt: skip


_WORDS = ("todo", "doing", "succeeded", "failed", "cancelled", "aborting", "aborted")


def _state(word: str) -> JobState:
    return _STATES.get(word, "failed")


def rewrite_jobs(session: Session, schema: str, left: Mapping[str, Mapping[str, Any] | None]) -> None:
    """Leave of each job the body that is given, or nothing of the job."""
    for job_id, body in left.items():
        if body is None:
            session.run(f"DELETE FROM {jobs_schema(schema)}.procrastinate_jobs WHERE id = %s", (int(job_id),))
        else:
            write_body(session, schema, job_id, body)


def write_body(session: Session, schema: str, job_id: str, body: Mapping[str, Any]) -> None:
    """Give a job another body: procrastinate itself never changes what a job was asked with."""
    statement = f"UPDATE {jobs_schema(schema)}.procrastinate_jobs SET args = %s WHERE id = %s AND args <> %s"
    session.run(statement, (Jsonb(body), int(job_id), Jsonb(body)))


def delete_jobs_of(session: Session, schema: str, bank: str) -> None:
    """Take out all jobs of a bank, whatever their state."""
    session.run(f"DELETE FROM {jobs_schema(schema)}.procrastinate_jobs WHERE lock = %s", (bank,))


def delete_ended(session: Session, schema: str, state: str, before: datetime) -> int:
    """Forget jobs in a state, of those that were due before an instant; gives how many."""
    words = [word for word in _WORDS if _state(word) == state]
    return session.run(
        f"DELETE FROM {jobs_schema(schema)}.procrastinate_jobs j WHERE j.status::text = ANY(%s) AND {_DUE} < %s",
        (words, before),
    )
