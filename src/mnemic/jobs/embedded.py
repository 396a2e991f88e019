"""The queue of the embedded store: its table of jobs, looked at again and again."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from mnemic.core.chance import Clock, IdSource
from mnemic.jobs.queue import HOLD, Wanted
from mnemic.store.notes import Job, JobState
from mnemic.store.protocol import JobTable

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

    store: JobTable
    clock: Clock
    held_for: timedelta = HOLD

    def enqueue(self, wanted: Wanted) -> Job:
        """Ask for a job; gives the one that waits already when the same was asked for before."""
        now = self.clock.now()
        body = {**wanted.body(), "asked": (wanted.asked or now).isoformat()}
        due = wanted.due or now
        job = Job(id=IdSource(None).new(now), bank=wanted.bank, kind=wanted.kind, due=due, body=body)
        return self.store.put_job(job, wanted.same_as)

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

    def wait(self, seconds: float, stopping: threading.Event) -> None:
        """Sleep until it is time to look again, or ``stopping`` is set."""
        stopping.wait(min(seconds, LOOK_S))

    def gone(self, worker: str) -> None:
        """Nothing is kept of a worker but the name on its job."""

    def close(self) -> None:
        """Nothing is held open: the store is its owner's."""
