"""What a bank wants done when nobody is using it: sessions that wait to be formed, and rules that are due."""

from __future__ import annotations

from datetime import datetime

from mnemic.core.pipeline import Recipe
from mnemic.engine.engine import Engine
from mnemic.engine.evolve import due_rules, scheduled_rules
from mnemic.store.protocol import Snapshot


def last_change(snapshot: Snapshot) -> datetime:
    """When the bank last changed, or was made."""
    entry = next(iter(snapshot.log(snapshot.seq - 1, snapshot.seq)), None) if snapshot.seq else None
    return entry.at if entry is not None else snapshot.row.created_at


def wants(engine: Engine, bank: str, recipe: Recipe) -> bool:
    """Whether ``consolidate`` would find something to do in a bank that is idle.

    A rule for idle time is due at every ``consolidate``; here it is where something happened since it last ran.
    """
    with engine.store.snapshot(bank) as snapshot:
        if not snapshot.seq:
            return False
        if snapshot.unformed(None):
            return True
        if not scheduled_rules(recipe):
            return False
        progress = engine.progress_in(recipe, snapshot, closed=True, idle=False)
        if due_rules(recipe, progress):
            return True
        progress = engine.progress_in(recipe, snapshot, closed=True, idle=True)
        return any(
            made.events or made.feedbacks or made.tasks_ended
            for made in (progress[due.name][0] for due in due_rules(recipe, progress))
        )
