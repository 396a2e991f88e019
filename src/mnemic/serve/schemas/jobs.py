"""Jobs: what is asked of workers, and what became of it."""

from __future__ import annotations

from typing import Any

from pydantic import ConfigDict, Field

from mnemic.jobs.queue import acting_of, options_of
from mnemic.serve.schemas.base import Asked, Told
from mnemic.store.notes import Job, JobState

_JOB: dict[str, Any] = {
    "id": "0197f3c2-0000-7000-8000-000000000003", "bank": "anna", "kind": "consolidate", "options": {},
    "by": "key:4f3a09c1b2d4", "state": "waiting", "due": "2026-06-02T09:00:00+00:00", "tries": 0, "result": {},
}  # fmt: skip


class JobIn(Asked):
    """A job to be done by a worker."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"kind": "switch", "options": {"recipe": "bm25"}}]})

    kind: str = Field(min_length=1, max_length=100, description="form, consolidate, reembed, switch...")
    options: dict[str, Any] = Field(default_factory=dict, description="What the kind takes.")


class JobOut(Told):
    """A job; ``result`` holds its progress while it runs, then what came of it, or why it failed."""

    model_config = ConfigDict(json_schema_extra={"examples": [_JOB]})

    id: str
    bank: str
    kind: str
    options: dict[str, Any]
    by: str
    state: JobState
    due: str
    tries: int
    result: dict[str, Any]


class Jobs(Told):
    """A page of jobs by id; ``next`` is the cursor of the next one."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"jobs": [_JOB], "next": None}]})

    jobs: list[JobOut]
    next: str | None


def told(job: Job) -> dict[str, Any]:
    """A job as it is answered."""
    return {
        "id": job.id, "bank": job.bank, "kind": job.kind, "options": dict(options_of(job)),
        "by": acting_of(job).principal, "state": job.state, "due": job.due.isoformat(), "tries": job.tries,
        "result": dict(job.result),
    }  # fmt: skip
