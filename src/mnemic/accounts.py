"""Accounts: what a bank holds, what waits in it, and what asking language models has cost, by purpose."""

from __future__ import annotations

from typing import Any

from mnemic.core.reading import Where
from mnemic.core.scope import EVERYTHING, Scope
from mnemic.core.usage import Usage
from mnemic.engine.engine import Engine
from mnemic.engine.holding import set_aside
from mnemic.store.asked import PURPOSES


def stats_of(engine: Engine, bank: str, recipe: str, scope: Scope = EVERYTHING) -> dict[str, Any]:
    """Counts of a bank; ``waiting`` events are not formed yet, ``set_aside`` ones could not be."""
    if scope.narrow:
        # Who sees a part is told the size of that part, and nothing that the rest has left its mark on.
        with engine.view(bank, scope=scope) as view:
            return {"bank": bank, "recipe": recipe, "records": view.count(Where())}
    with engine.store.snapshot(bank) as snapshot:
        row = snapshot.row
        space = engine.store.space_by_id(bank, row.space) if row.space else None
        return {
            "bank": row.name,
            "recipe": recipe,
            "embedder": space.name if space else None,
            "language_model": engine.models.load_language_model().name if engine.models.answers else None,
            "created_at": row.created_at.isoformat(),
            "sessions": len(snapshot.sessions()),
            **snapshot.counters(),
            "waiting": len(snapshot.unformed(None)),
            "set_aside": sum(len(held.events) for held in set_aside(snapshot)),
            "usage": usage_of(engine, bank),
        }


def usage_of(engine: Engine, bank: str) -> dict[str, dict[str, int]]:
    """Calls, known answers, tokens and failures of language models by purpose: write, idle and read."""
    spent = engine.store.spent(bank)
    out = {}
    for purpose in PURPOSES:
        rows = [row for row in spent if row.purpose == purpose]
        usage = sum((row.usage for row in rows), Usage())
        out[purpose] = {
            "calls": usage.calls,
            "cached": usage.cached,
            "tokens_in": usage.tokens_in,
            "tokens_out": usage.tokens_out,
            "failures": sum(row.failures for row in rows),
        }
    return out
