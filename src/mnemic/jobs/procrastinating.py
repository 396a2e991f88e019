"""The queue of PostgreSQL: procrastinate's tables, locks, workers and notifications, in a schema beside the store's.

    lock            the bank's name: one job of it is being done at a time
    queueing lock   a hash of what is asked for: of equal jobs one waits
    priority        how early a job is due: procrastinate lets a job wait for those of its lock that have a higher one,
                    and one that is put off for an hour must not keep back what is due now
    worker          registered by its first look; its heartbeat is the hold, and one whose heart stopped is pruned

Times are the server's: machines whose clocks differ agree on when a job is due and when a worker has fallen silent.
"""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from procrastinate.exceptions import AlreadyEnqueued, UniqueViolation
from procrastinate.jobs import Job as Row
from procrastinate.jobs import Status
from procrastinate.manager import JobManager
from psycopg.types.json import Jsonb

from mnemic.core.chance import Clock
from mnemic.core.times import from_micros
from mnemic.jobs.listening import CHANNEL, Listener
from mnemic.jobs.on_connection import done, managing
from mnemic.jobs.queue import HOLD, Wanted, wanted_of
from mnemic.jobs.schema import lay
from mnemic.store.notes import Job, JobState
from mnemic.store.postgres import job_rows
from mnemic.store.postgres.connections import Session
from mnemic.store.postgres.schema import lock_key
from mnemic.store.postgres.store import PostgresStore

#: procrastinate's name for what may be shared out among workers; all of ours do everything.
QUEUE = "mnemic"
#: How often a worker looks though nothing was heard: a job that was put off becomes due in silence.
LOOK_S = 5.0
_EPOCH = datetime(2026, 1, 1, tzinfo=UTC)
_FARTHEST = (1 << 31) - 1


@dataclass(frozen=True, slots=True)
class ProcrastinateQueue:
    """See :class:`mnemic.jobs.queue.Queue`. Opening it makes its schema, and takes over jobs of an older release."""

    store: PostgresStore
    clock: Clock
    held_for: timedelta = HOLD
    #: procrastinate's numbers of the workers of this process.
    _workers: dict[str, int] = field(default_factory=dict, init=False, repr=False)
    _looked: list[float] = field(default_factory=list, init=False, repr=False)
    _listener: Listener = field(init=False, repr=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_listener", Listener(self.store.connections))
        lay(self.store.connections)
        self._take_over()

    @contextmanager
    def _managing(self, *, reserved: bool = False) -> Iterator[tuple[JobManager, Session]]:
        with (
            self.store.connections.writing(reserved=reserved) as session,
            managing(session.connection) as manager,
        ):
            yield manager, session

    def _job(self, session: Session, number: int) -> Job:
        return job_rows.read_jobs(session, self.store.connections.schema, job_id=str(number))[0]

    def enqueue(self, wanted: Wanted) -> Job:
        """Ask for a job; gives the one that waits already when the same was asked for before."""
        while True:
            try:
                with self._managing() as (manager, session):
                    return self._job(session, self._laid(manager, wanted))
            except AlreadyEnqueued:
                # Another process has asked for the same at this very moment; it is found now.
                continue

    def _laid(self, manager: JobManager, wanted: Wanted) -> int:
        mark = wanted.mark
        waiting = manager.list_jobs(queueing_lock=mark, status="todo")
        if waiting:
            return _number(waiting[0])
        asked = wanted.asked or self.clock.now()
        made = manager.defer_job(
            Row(
                queue=QUEUE,
                task_name=wanted.kind,
                lock=wanted.bank,
                queueing_lock=mark,
                priority=_priority(wanted.due or asked),
                scheduled_at=wanted.due,
                task_kwargs={**wanted.body(), "asked": asked.isoformat()},
            )
        )
        return _number(made)

    def take(self, worker: str) -> Job | None:
        """Hand the job that is due longest to a worker, or None; first take up what silent workers have left."""
        try:
            with self._managing() as (manager, session):
                self._regain(manager, session)
                found = done(manager.fetch_job(None, self._registered(manager, session, worker)))
                if found is None:
                    return None
                session.run(
                    "INSERT INTO outcomes (job, worker) VALUES (%s, %s)"
                    " ON CONFLICT (job) DO UPDATE SET worker = excluded.worker",
                    (_number(found), worker),
                )
                return self._job(session, _number(found))
        except UniqueViolation:
            # Another job of the bank was begun at this very moment.
            return None

    def _registered(self, manager: JobManager, session: Session, worker: str) -> int:
        number = self._workers.get(worker)
        # One that did nothing for long was pruned by others; locked, it is not while it takes a job.
        there = "SELECT 1 FROM procrastinate_workers WHERE id = %s FOR UPDATE"
        if number is not None and session.row(there, (number,)):
            done(manager.update_heartbeat(number))
            for job in manager.list_jobs(status="doing", worker_id=number):
                # It could not say how it left it, as when the server was gone: its heart must not keep that job.
                self._wait_again(manager, session, job, _due(job), job.priority)
            return number
        self._workers[worker] = number = done(manager.register_worker())
        return number

    def _regain(self, manager: JobManager, session: Session) -> None:
        held, now = self.held_for.total_seconds(), time.monotonic()
        if self._looked and now < self._looked[0] + held / 3:
            return
        self._looked[:] = [now]
        # Processes take turns, so that none takes back what another has begun meanwhile.
        session.rows("SELECT pg_advisory_xact_lock(%s)", (lock_key(session.label, "silent workers"),))
        # Pruning decides between a heart that beats again and one that stopped: it takes the worker from its jobs.
        done(manager.prune_stalled_workers(held))
        for job in done(manager.get_stalled_jobs(seconds_since_heartbeat=held)):
            if job.worker_id is None:
                self._wait_again(manager, session, job, _due(job), job.priority)

    @staticmethod
    def _wait_again(manager: JobManager, session: Session, job: Row, at: datetime, priority: int) -> None:
        if job.queueing_lock and manager.list_jobs(queueing_lock=job.queueing_lock, status="todo"):
            # The same was asked for again meanwhile; both wait, and to ask once more finds that one.
            session.run("UPDATE procrastinate_jobs SET queueing_lock = NULL WHERE id = %s", (_number(job),))
        manager.retry_job_by_id(_number(job), at, priority)

    def hold(self, job: Job) -> bool:
        """Renew the hold on a job: the heartbeat of its worker."""
        number = self._workers.get(job.worker)
        if number is None:
            return False
        with self._managing(reserved=True) as (manager, _):
            done(manager.update_heartbeat(number))
            return bool(manager.list_jobs(id=int(job.id), status="doing", worker_id=number))

    def leave(self, job: Job) -> bool:
        """Write how a worker leaves a job, and let others look whether one of its bank can be begun."""
        number = self._workers.get(job.worker)
        if number is None:
            return False
        while True:
            try:
                with self._managing(reserved=True) as (manager, session):
                    return self._left(manager, session, job, number)
            except UniqueViolation:
                # The same was asked for at this very moment.
                continue

    def _left(self, manager: JobManager, session: Session, job: Job, number: int) -> bool:
        # Locked, the worker is not pruned between this look and the end.
        session.row("SELECT 1 FROM procrastinate_workers WHERE id = %s FOR UPDATE", (number,))
        mine = manager.list_jobs(id=int(job.id), status="doing", worker_id=number)
        if not mine:
            return False
        job_rows.write_body(session, self.store.connections.schema, job.id, job.body)
        session.run("UPDATE outcomes SET result = %s WHERE job = %s", (Jsonb(dict(job.result)), int(job.id)))
        if job.state == "waiting":
            self._wait_again(manager, session, mine[0], job.due, _priority(job.due))
        else:
            status = Status.SUCCEEDED if job.state == "done" else Status.FAILED
            done(manager.finish_job(mine[0], status, delete_job=False))
        told = json.dumps({"type": "job_inserted", "job_id": int(job.id)})
        session.rows("SELECT pg_notify(%s, %s)", (CHANNEL, told))
        return True

    def jobs(self, bank: str | None = None, state: JobState | None = None) -> Sequence[Job]:
        """Jobs of a bank, or of all, in a state, or in any."""
        return self.store.jobs(bank, state)

    def forget(self, state: JobState, before: datetime) -> int:
        """Forget jobs that ended in a state, of those that were due before an instant."""
        with self._managing() as (_, session):
            return job_rows.delete_ended(session, self.store.connections.schema, state, before)

    def wait(self, seconds: float, stopping: threading.Event) -> None:
        """Return when the server tells of a job, when it is time to look again, or soon after ``stopping`` is set."""
        self._listener.wait(min(seconds, LOOK_S, self.held_for.total_seconds()), stopping)

    def gone(self, worker: str) -> None:
        """A worker takes no more: what it still holds is free at once."""
        number = self._workers.pop(worker, None)
        if number is not None:
            with self._managing(reserved=True) as (manager, _):
                done(manager.unregister_worker(number))

    def close(self) -> None:
        """Listen no more."""
        self._listener.close()

    def _take_over(self) -> None:
        """Jobs that an older release left in the store's own table, each once."""
        table = f"{self.store.connections.schema}.jobs"
        while True:
            try:
                with self._managing() as (manager, session):
                    if session.row(f"SELECT 1 FROM {table} LIMIT 1") is None:
                        return
                    # A process of the older release may go on for a while: what it asks for is taken over next time.
                    rows = session.rows(f"DELETE FROM {table} RETURNING id, bank, kind, due, body, state")
                    for job_id, bank, kind, due, body, state in sorted(rows):
                        if state in ("waiting", "running"):
                            old = Job(id=job_id, bank=bank, kind=kind, due=from_micros(due), body=json.loads(body))
                            self._laid(manager, wanted_of(old))
                    return
            except AlreadyEnqueued:
                continue


def _number(job: Row) -> int:
    if job.id is None:
        raise AssertionError("a job that was laid down has a number")
    return job.id


def _due(job: Row) -> datetime:
    return job.scheduled_at or datetime.fromisoformat(str(job.task_kwargs["asked"]))


def _priority(due: datetime) -> int:
    seconds = int((due - _EPOCH).total_seconds())
    return -max(-_FARTHEST, min(_FARTHEST, seconds))
