"""The queue: where work is asked for, and where workers take it; one job of a bank runs at a time.

A job is handed to one worker, who holds it by saying so again and again; who falls silent loses it to another. So each
job is done at least once, and what it does can be done again without harm.
"""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Protocol

from mnemic.core.acting import Acting
from mnemic.core.evidence import canonical, sha
from mnemic.store.notes import Job, JobState

#: For how long a worker that falls silent keeps its job.
HOLD = timedelta(seconds=30)
#: Under this kind of note of the whole store the progress of a running job is found.
PROGRESS = "job-progress"


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What is asked for: a kind of job on a bank, with its options, by whom, and from when on."""

    kind: str
    bank: str
    options: Mapping[str, Any] = field(default_factory=dict)
    acting: Acting = field(default_factory=Acting)
    due: datetime | None = None
    asked: datetime | None = None

    def body(self) -> dict[str, Any]:
        """What a job of it carries, but for when it was asked for."""
        acting = self.acting
        told: dict[str, Any] = {"principal": acting.principal, "recipient": acting.recipient}
        told |= {"purpose": acting.purpose, "reason": acting.reason}
        if acting.groups:
            # Rights may come by a group: without them whoever may ask for a job may not have it done.
            told["groups"] = list(acting.groups)
        return {"options": dict(self.options), "by": told}

    @property
    def mark(self) -> str:
        """The same for all that ask for the same job, and for nobody else."""
        return sha(canonical([self.kind, self.bank, self.body()]))

    def same_as(self, job: Job) -> bool:
        """Whether a job does just this for the same one, so that it need not be asked for twice."""
        body = {name: value for name, value in job.body.items() if name != "asked"}
        return (job.kind, job.bank) == (self.kind, self.bank) and body == self.body()


def acting_of(job: Job) -> Acting:
    """Who asked for a job."""
    told = dict(job.body.get("by", {}))
    return Acting(**{**told, "groups": tuple(told.get("groups", ()))})


def asked_at(job: Job) -> datetime:
    """When a job was asked for; of one of an older release, when it is due."""
    said = job.body.get("asked")
    return datetime.fromisoformat(said) if said else job.due


def options_of(job: Job) -> Mapping[str, Any]:
    """With which options a job was asked for."""
    options: Mapping[str, Any] = job.body.get("options", {})
    return options


def wanted_of(job: Job) -> Wanted:
    """What a job was asked for as, to ask for it elsewhere."""
    asked = asked_at(job)
    return Wanted(
        kind=job.kind, bank=job.bank, options=options_of(job), acting=acting_of(job), due=job.due, asked=asked
    )


class Queue(Protocol):
    """Where jobs wait. ``held_for`` is how long a worker that falls silent keeps its job.

    Workers are told apart by names, no two alike at a time.
    """

    @property
    def held_for(self) -> timedelta: ...

    def enqueue(self, wanted: Wanted) -> Job:
        """Ask for a job; gives the one that waits already when the same was asked for before."""
        ...

    def take(self, worker: str) -> Job | None:
        """Hand a job that is due to a worker, or None; none of a bank that another job of is running."""
        ...

    def hold(self, job: Job) -> bool:
        """Renew the hold on a job that was taken; False when it is no longer the worker's."""
        ...

    def leave(self, job: Job) -> bool:
        """Write how a worker leaves a job: done, failed or waiting again, with its body and what came of it.

        False when it is no longer the worker's.
        """
        ...

    def jobs(self, bank: str | None = None, state: JobState | None = None) -> Sequence[Job]:
        """Jobs of a bank, or of all, in a state, or in any, in the order in which they are due."""
        ...

    def forget(self, state: JobState, before: datetime) -> int:
        """Forget jobs that ended in a state before an instant; gives how many."""
        ...

    def wait(self, seconds: float, stopping: threading.Event) -> None:
        """Return when a job may have come in, after so many seconds, or soon after ``stopping`` is set."""
        ...

    def gone(self, worker: str) -> None:
        """A worker takes no more jobs."""
        ...

    def close(self) -> None:
        """Let go of what the queue itself holds open."""
        ...
