"""Forming later: events are committed at once, and formed by whoever comes for what waits.

So a write answers as fast as the store commits, also where a recipe asks a language model about every segment.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from mnemic.core.evidence import Event
from mnemic.core.pipeline import Recipe
from mnemic.engine.engine import BULK, NOTHING, Engine, Reasons
from mnemic.engine.intake import Written, check_ids, unknown

#: Why events wait that nobody has tried to form yet.
LATER = "they are formed later, by a worker"

Progress = Callable[[int, int], None]


def take_in(
    engine: Engine,
    bank: str,
    events: Sequence[Event],
    *,
    quarantined: Reasons = NOTHING,
    by: str = "",
    on_progress: Progress | None = None,
) -> Written:
    """Commit events into evidence and form nothing; those that are new, and not kept back, are told as pending."""
    check_ids(events)
    if len(events) > BULK:
        # Runs are committed one by one, so what would be refused in a later one is looked for first.
        with engine.store.snapshot(bank) as snapshot:
            unknown(events, {i: e.sha for i, e in snapshot.events([e.id for e in events]).items()})
    total = Written()
    for start in range(0, len(events) or 1, BULK):
        total += engine.commit_events(bank, events[start : start + BULK], quarantined, by)
        if on_progress is not None:
            on_progress(min(start + BULK, len(events)), len(events))
    if waiting := sum(event_id not in quarantined for event_id in total.added):
        total += Written(pending=waiting, pending_reason=LATER)
    return total


def form_waiting(
    engine: Engine, bank: str, recipe: Recipe, *, close: bool = False, on_progress: Progress | None = None
) -> Written:
    """Form what waits in every session, with ``close`` as if each were over, and run the rules that are due then."""
    with engine.store.snapshot(bank) as snapshot:
        sessions = list(dict.fromkeys(event.session for event in snapshot.unformed(None)))
    total = Written()
    for done, session in enumerate(sessions):
        if on_progress is not None:
            on_progress(done, len(sessions))
        total += engine.form_sessions(bank, recipe, [session], closed=close)
    return total + engine.run_due(bank, recipe, closed=close)
