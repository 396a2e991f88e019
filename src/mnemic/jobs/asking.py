"""Asking for jobs on behalf of the façade: what is checked before a job is taken in, and what a late write asks for."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from mnemic.core.acting import Acting
from mnemic.core.errors import BadInput, NotFound
from mnemic.core.evidence import Event
from mnemic.engine.engine import Engine
from mnemic.engine.intake import Written
from mnemic.engine.later import take_in
from mnemic.jobs.kinds import kind_of
from mnemic.jobs.opening import queue_of
from mnemic.jobs.queue import PROGRESS, Wanted
from mnemic.store.notes import WHOLE_STORE, Job


def enqueue(
    engine: Engine, kind: str, bank: str, options: Mapping[str, Any] | None = None, *, acting: Acting | None = None
) -> Job:
    """Ask for a job on a bank; gives the one that waits already when it was asked for before.

    Raises BadInput naming a kind or an option that there is not, NotFound when there is no such bank.
    """
    checked = kind_of(kind).checked(options or {})
    if engine.store.bank(bank) is None:
        raise NotFound(f"bank: there is none called {bank!r}; 'mnemic banks' lists those of a store")
    wanted = Wanted(kind=kind, bank=bank, options=checked, acting=acting or Acting())
    return queue_of(engine.store, engine.clock).enqueue(wanted)


def jobs(engine: Engine, bank: str | None = None) -> list[Job]:
    """Jobs of a bank, or of all, in the order in which they are due; those that run with how far they are."""
    found = queue_of(engine.store, engine.clock).jobs(bank)
    told = {note.id: note.body for note in engine.store.notes(WHOLE_STORE, PROGRESS)}
    return [
        replace(job, result={**job.result, "progress": dict(told[job.id])})
        if job.state == "running" and job.id in told
        else job
        for job in found
    ]


def retain_later(
    engine: Engine,
    bank: str,
    events: Sequence[Event],
    *,
    form: str,
    close: bool,
    quarantined: Mapping[str, Sequence[str]],
    by: str,
    on_progress: Callable[[int, int], None] | None,
) -> Written:
    """Commit events, and ask for the job that forms them.

    The job is asked for also when all of them are known: a former call may have ended between the two.
    """
    if form != "later":
        raise BadInput(f"form: {form!r} is neither 'now' nor 'later'")
    written = take_in(engine, bank, events, quarantined=quarantined, by=by, on_progress=on_progress)
    enqueue(engine, "form", bank, {"close": True} if close else {})
    return written
