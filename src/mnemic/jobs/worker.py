"""The worker: takes jobs and does them, several at a time, until it is told to stop.

It holds what it does by renewing its hold, ticks now and then, and when it is to stop hands back what can be broken off
and finishes the rest. One that is killed holds nothing any more after a while, and another takes its jobs up.
"""

from __future__ import annotations

import os
import socket
import threading
from collections import Counter
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING

from mnemic.core.errors import MnemicError
from mnemic.jobs.attempt import Attempt, interrupted_by
from mnemic.jobs.opening import queue_of
from mnemic.jobs.queue import PROGRESS, Queue
from mnemic.jobs.ticking import IDLE, Tick
from mnemic.store.notes import WHOLE_STORE, Job, Note

if TYPE_CHECKING:
    from mnemic.memory import Memory

TICK = timedelta(seconds=30)
#: How long a worker that is to stop waits for what cannot be broken off; service managers kill after about 30 s.
GRACE = timedelta(seconds=20)
#: A store that cannot be reached is tried again after so many seconds.
RECOVER_S = 2.0


@dataclass(slots=True)
class _Doing:
    attempt: Attempt
    done: int = 0
    total: int = 0
    told: tuple[int, int] = (0, 0)
    lost: bool = False

    @property
    def job(self) -> Job:
        return self.attempt.job

    def tell(self, done: int, total: int) -> None:
        self.done, self.total = done, total


@dataclass(slots=True)
class Worker:
    """Does the jobs of a memory's banks, ``concurrency`` at a time.

    >>> import mnemic, tempfile
    >>> folder = tempfile.TemporaryDirectory()
    >>> with mnemic.open(folder.name + "/agent.db", embedder="hashing", reranker="overlap") as memory:
    ...     anna = memory.bank("anna")
    ...     anna.retain("We moved to Lisbon.", form="later").pending
    ...     dict(Worker(memory).run(once=True))
    ...     anna.stats()["waiting"]
    1
    {'done': 1}
    0
    >>> folder.cleanup()
    """

    memory: Memory
    concurrency: int = 1
    queue: Queue | None = None
    tick: timedelta = TICK
    idle: timedelta = IDLE
    grace: timedelta = GRACE
    on_end: Callable[[Job], None] | None = None
    name: str = field(default_factory=lambda: f"{socket.gethostname()}:{os.getpid()}")
    _stopping: threading.Event = field(default_factory=threading.Event)
    _doing: dict[int, _Doing] = field(default_factory=dict)
    _ended: Counter[str] = field(default_factory=Counter)
    _quiet: threading.Event = field(default_factory=threading.Event)

    def stop(self) -> None:
        """Take no more jobs, hand back what can be broken off, and finish the rest; safe in a signal handler."""
        self._stopping.set()

    def run(self, *, once: bool = False) -> Mapping[str, int]:
        """Work until ``stop`` is called, or with ``once`` until nothing is due; gives how many jobs ended how.

        Returns at the latest ``grace`` after it was stopped; what is not finished then is handed back.
        """
        engine = self.memory.engine
        queue = self.queue or queue_of(engine.store, engine.clock)
        ticking = Tick(self.memory, queue, self.idle)
        if once:
            ticking()
        lanes = [
            threading.Thread(target=self._lane, args=(queue, lane, once), name=f"mnemic-lane-{lane}", daemon=True)
            for lane in range(self.concurrency)
        ]
        helpers = [threading.Thread(target=self._keep_hold, args=(queue,), daemon=True)]
        if not once:
            helpers.append(threading.Thread(target=self._keep_ticking, args=(ticking,), daemon=True))
        for thread in (*helpers, *lanes):
            thread.start()
        for lane in lanes:
            while lane.is_alive() and not self._stopping.is_set():
                lane.join(0.1)
        for lane in lanes:
            lane.join(self.grace.total_seconds() if self._stopping.is_set() else None)
        self._quiet.set()
        for thread in helpers:
            thread.join(RECOVER_S)
        for doing in list(self._doing.values()):
            # Its thread ends with the process; what it has not committed is undone.
            self._leave(queue, doing.attempt.handed_back())
        queue.close()
        return dict(self._ended)

    def _lane(self, queue: Queue, lane: int, once: bool) -> None:
        worker = f"{self.name}:{lane}"
        while not self._stopping.is_set():
            try:
                job = queue.take(worker)
                if job is not None:
                    self._do(queue, lane, job)
                elif once:
                    break
                else:
                    queue.wait(self.tick.total_seconds(), self._stopping)
            except (MnemicError, OSError):
                # The store cannot be reached: a worker outlives that.
                self._stopping.wait(RECOVER_S)
        with suppress(MnemicError, OSError):
            queue.gone(worker)

    def _do(self, queue: Queue, lane: int, job: Job) -> None:
        doing = self._doing[lane] = _Doing(Attempt(self.memory, job, self.memory.engine.clock))
        try:
            progress = interrupted_by(lambda: doing.lost or self._stopping.is_set(), doing.tell)
            left = doing.attempt.run(progress)
            if not doing.lost:
                self._leave(queue, left)
        finally:
            self._doing.pop(lane, None)

    def _leave(self, queue: Queue, job: Job) -> None:
        if queue.leave(job):
            put_off = "put off" if "reason" in job.result else "handed back"
            self._ended[put_off if job.state == "waiting" else job.state] += 1
            self.memory.engine.store.drop_note(WHOLE_STORE, PROGRESS, job.id)
            if self.on_end is not None:
                self.on_end(job)

    def _keep_hold(self, queue: Queue) -> None:
        while not self._quiet.wait(queue.held_for.total_seconds() / 3):
            for doing in list(self._doing.values()):
                try:
                    doing.lost = not queue.hold(doing.job)
                    self._tell_progress(doing)
                except (MnemicError, OSError):
                    # Until the hold is over nobody else takes it, so there is time to try again.
                    continue

    def _tell_progress(self, doing: _Doing) -> None:
        now = (doing.done, doing.total)
        if now != doing.told:
            at, body = self.memory.engine.clock.now(), {"done": doing.done, "total": doing.total}
            note = Note(bank=WHOLE_STORE, kind=PROGRESS, id=doing.job.id, at=at, body=body)
            self.memory.engine.store.put_note(note)
            doing.told = now

    def _keep_ticking(self, tick: Tick) -> None:
        while not self._stopping.is_set() and not self._quiet.is_set():
            try:
                tick()
            except (MnemicError, OSError):
                self._stopping.wait(RECOVER_S)
            self._stopping.wait(self.tick.total_seconds())
