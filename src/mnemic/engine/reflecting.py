"""Reflection: the scheduled rules that derive something from what is remembered are run now, due or not."""

from __future__ import annotations

from mnemic.core.pipeline import Recipe
from mnemic.core.record import Record
from mnemic.core.stage import Consolidator
from mnemic.engine.engine import Engine
from mnemic.engine.evolve import Due, scheduled_rules


def reflect(engine: Engine, bank: str, recipe: Recipe) -> list[Record]:
    """Run every rule that holds a consolidator, each committed on its own; gives the records that were made."""
    with engine.store.snapshot(bank) as snapshot:
        ran = {name: since for name, (since, _) in snapshot.rules().items()}
    made: list[str] = []
    for name, rule in scheduled_rules(recipe):
        if any(isinstance(stage, Consolidator) for stage in rule):
            made += engine.run_one(bank, Due(name, rule, ran.get(name, 0))).records
    with engine.store.snapshot(bank) as snapshot:
        return list(snapshot.records(made).values())
