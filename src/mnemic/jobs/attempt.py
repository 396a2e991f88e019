"""One attempt at a job: what it came to, and when it is tried again if it failed.

    pause after the n-th failure = 5 s * 2^(n-1), at most 1 h; after 8 failures the job is given up

An attempt whose worker died counts as one that failed, so that a job that kills its workers ends too. One that was
handed back because the worker was to stop does not.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from mnemic.core.chance import Clock
from mnemic.core.errors import (
    BadInput,
    Denied,
    EmbedderMismatch,
    ModelUnavailable,
    NotFound,
    StoreError,
    Unauthenticated,
)
from mnemic.core.observing import span
from mnemic.jobs.kinds import Progress, Work, kind_of, kinds
from mnemic.jobs.queue import acting_of, asked_at, options_of
from mnemic.store.notes import Job

if TYPE_CHECKING:
    from mnemic.guarded import GuardedMemory
    from mnemic.memory import Memory

FIRST_PAUSE = timedelta(seconds=5)
LONGEST_PAUSE = timedelta(hours=1)
MOST_FAILURES = 8
#: What will fail again in the same way, however often it is tried.
FINAL = (BadInput, NotFound, Denied, Unauthenticated, EmbedderMismatch)
#: What says nothing of what a bank holds.
WORDLESS = (StoreError, ModelUnavailable, EmbedderMismatch, Denied, Unauthenticated)
#: Of a defect no more than its kind is told: its text may hold content.
_LONGEST_REASON = 400


class HandedBack(BaseException):
    """The worker is to stop, or has lost the job: raised through whatever the job is doing."""


@dataclass(slots=True)
class Attempt:
    """A job with what is needed to try it once; the job's body may become less while it is done."""

    memory: Memory
    job: Job
    clock: Clock

    def run(self, on_progress: Progress) -> Job:
        """The job as it is to be left: done with its result, waiting for another try, or failed with the reason."""
        job = self.job
        if self._failures() >= MOST_FAILURES:
            return self._failed("its workers died again and again while they did it", final=True)
        try:
            kind = kind_of(job.kind)
            work = Work(job.bank, options_of(job), on_progress, asked_at(job), job.tries, self._narrow)
            with span("job", job.kind):
                result = kind.run(self._memory(), work)
        except HandedBack:
            return self.handed_back()
        except FINAL as error:
            return self._failed(self._told(error), final=True)
        except Exception as error:
            return self._failed(self._told(error))
        return replace(self._ended(), state="done", result={**result, "ended_at": self.clock.now().isoformat()})

    def _narrow(self, options: Mapping[str, Any]) -> None:
        self.job = replace(self.job, body={**self.job.body, "options": dict(options)})
        self.memory.engine.store.rewrite_jobs({self.job.id: self.job.body})

    def _ended(self) -> Job:
        known = kinds().get(self.job.kind)
        return replace(self.job, body={**self.job.body, "options": {}}) if known and known.private else self.job

    def handed_back(self) -> Job:
        """The job as it is to be left by a worker that stops before it is done: due at once, for another one."""
        count = int(self.job.result.get("handed_back", 0)) + 1
        return replace(self.job, state="waiting", due=self.clock.now(), result={"handed_back": count})

    def _memory(self) -> Memory | GuardedMemory:
        acting = acting_of(self.job)
        return self.memory if acting.is_local else self.memory.acting(acting)

    def _told(self, error: Exception) -> str:
        """Why it failed, as it may be kept: jobs lie in clear, also those of sealed banks."""
        row = self.memory.engine.store.bank(self.job.bank)
        if row is None or not row.sealed or isinstance(error, WORDLESS):
            return _reason(error)
        return f"{type(error).__name__}; what it says is not kept, since the bank is sealed"

    def _failures(self) -> int:
        """How many attempts before this one failed, with those that nobody came back from."""
        return self.job.tries - 1 - int(self.job.result.get("handed_back", 0))

    def _failed(self, reason: str, *, final: bool = False) -> Job:
        now, failures = self.clock.now(), self._failures() + 1
        told = {"handed_back": self.job.result.get("handed_back", 0), "failures": failures, "reason": reason}
        if final or failures >= MOST_FAILURES:
            return replace(self._ended(), state="failed", result={**told, "ended_at": now.isoformat()})
        pause = min(FIRST_PAUSE * 2 ** (failures - 1), LONGEST_PAUSE)
        return replace(self.job, state="waiting", due=now + pause, result=told)


def _reason(error: Exception) -> str:
    from mnemic.core.errors import MnemicError

    if isinstance(error, MnemicError):
        return str(error)[:_LONGEST_REASON]
    return f"unexpected {type(error).__name__}; this is a defect of mnemic or of a plug-in"


def interrupted_by(ended: Callable[[], bool], tell: Progress) -> Progress:
    """A progress that raises HandedBack as soon as the attempt is to end."""

    def progress(done: int, total: int) -> None:
        if ended():
            raise HandedBack
        tell(done, total)

    return progress
