"""The queue of the embedded store: its table of jobs, looked at again and again."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from mnemic.core.chance import Clock, IdSource
from mnemic.jobs.queue import HOLD, Wanted
from mnemic.store.notes import Job, JobState
from mnemic.store.protocol import Store

#: How often a worker with nothing to do looks for a job; a look costs well under a millisecond.
LOOK_S = 0.5


@dataclass(frozen=True, slots=True)
class EmbeddedQueue:
    """See :class:`mnemic.jobs.queue.Queue`; jobs lie in a table of the store itself.

    >>> import mnemic, tempfile
    >>> folder = tempfile.TemporaryDirectory()
    >>> with mnemic.open(folder.name + "/agent.db", embedder="hashing") as memory:
    ...     queue = EmbeddedQueue(memory.engine.store, memory.engine.clock)
    ...     asked = [queue.enqueue(Wanted(kind="consolidate", bank="anna")) for _ in range(2)]
    ...     taken = queue.take("worker 1")
    ...     asked[0].id == asked[1].id == taken.id, queue.take("worker 2")
    (True, None)
    >>> folder.cleanup()
    """

    store: Store
    clock: Clock
    held_for: timedelta = HOLD

    def enqueue(self, wanted: Wanted) -> Job:
        """Ask for a job; two processes that ask at the same instant may both be heard, which does no harm."""
        for job in self.store.jobs(wanted.bank, "waiting"):
            if wanted.same_as(job):
                return job
        now = self.clock.now()
        due = wanted.due or now
        job = Job(id=IdSource(None).new(now), bank=wanted.bank, kind=wanted.kind, due=due, body=wanted.body())
        self.store.put_job(job)
        return job

    def take(self, worker: str) -> Job | None:
        """Hand the job that is due longest to a worker, or None."""
        now = self.clock.now()
        return self.store.take_job(worker, now, now + self.held_for)

    def hold(self, job: Job) -> bool:
        """Renew the hold on a job."""
        return self.store.hold_job(job.id, job.worker, self.clock.now() + self.held_for)

    def leave(self, job: Job) -> bool:
        """Write how a worker leaves a job."""
        return self.store.end_job(job)

    def jobs(self, bank: str | None = None, state: JobState | None = None) -> Sequence[Job]:
        """Jobs of a bank, or of all, in a state, or in any."""
        return self.store.jobs(bank, state)

    def forget(self, state: JobState, before: datetime) -> int:
        """Forget jobs that ended in a state, of those that were due before an instant."""
        return self.store.drop_jobs(state, before)

    def wait(self, seconds: float) -> None:
        """Sleep until it is time to look again."""
        time.sleep(min(seconds, LOOK_S))

    def close(self) -> None:
        """Nothing is held open: the store is its owner's."""
