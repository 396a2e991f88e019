"""Jobs: asking for work that a worker does, and what became of it."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path, Query
from pydantic import AfterValidator

from mnemic.core.errors import NotFound
from mnemic.guarded import GuardedMemory
from mnemic.serve.once import AtMostOnce
from mnemic.serve.parameters import BankName, Cursor, Limit, decoded, page_of
from mnemic.serve.reply import Reply
from mnemic.serve.schemas.jobs import JobIn, JobOut, Jobs, told
from mnemic.serve.who import Guarded
from mnemic.store.notes import Job, JobState

router = APIRouter(tags=["jobs"])
JobId = Annotated[str, Path(max_length=200, description="Id of a job."), AfterValidator(decoded)]
InState = Annotated[JobState | None, Query(description="Only those in this state.")]


def _page(found: list[Job], state: JobState | None, limit: int, cursor: str | None) -> Reply:
    # Ids of equal length are in the order in which they were made.
    wanted = [job for job in found if state is None or job.state == state]
    page, following = page_of(wanted, lambda job: f"{len(job.id):4}{job.id}", limit, cursor)
    return Reply({"jobs": [told(job) for job in page], "next": following})


def _one(memory: GuardedMemory, bank: str, job: str) -> Job:
    for found in memory.jobs(bank):
        if found.id == job:
            return found
    raise NotFound(f"job: bank {bank!r} has none with id {job!r}")


@router.get("/jobs", response_model=Jobs)
def all_jobs(memory: Guarded, state: InState = None, limit: Limit = 100, cursor: Cursor = None) -> Reply:
    """The jobs of all banks, of the kinds that the sender may ask for there."""
    return _page(memory.jobs(), state, limit, cursor)


@router.get("/banks/{bank}/jobs", response_model=Jobs)
def jobs(bank: BankName, memory: Guarded, state: InState = None, limit: Limit = 100, cursor: Cursor = None) -> Reply:
    """The jobs of a bank: what waits, what runs and how far it is, what was done, what failed and why."""
    memory.bank(bank)
    return _page(memory.jobs(bank), state, limit, cursor)


@router.post("/banks/{bank}/jobs", response_model=JobOut, status_code=202)
def enqueue(bank: BankName, body: JobIn, memory: Guarded, once: AtMostOnce) -> Reply:
    """Ask for a job. The one that waits already is answered when the same was asked for before."""
    memory.bank(bank)
    # Its options may hold words: only its id is kept under an idempotency key.
    return once(
        lambda: {"job": memory.enqueue(body.kind, bank, body.options).id},
        shown=lambda kept: told(_one(memory, bank, kept["job"])),
        status=202,
    )


@router.get("/banks/{bank}/jobs/{job}", response_model=JobOut)
def job(bank: BankName, job: JobId, memory: Guarded) -> Reply:
    """A job of a bank."""
    memory.bank(bank)
    return Reply(told(_one(memory, bank, job)))
