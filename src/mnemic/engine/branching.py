"""Branches: a bank's log, up to a point, replayed into a bank of its own."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from mnemic.core.errors import BadInput
from mnemic.engine.engine import Engine
from mnemic.engine.replay import UnitKey, replay
from mnemic.store.protocol import Snapshot, Unit


def stored_vectors(snapshot: Snapshot) -> Callable[[Sequence[Unit]], Mapping[UnitKey, bytes]]:
    """Finds the vectors of units in a bank that has them, so that nothing is embedded again."""

    def find(units: Sequence[Unit]) -> Mapping[UnitKey, bytes]:
        numbers = snapshot.unit_ids(units)
        blobs = snapshot.vectors(list(numbers.values()))
        return {key: blobs[number] for key, number in numbers.items() if number in blobs}

    return find


def recipe_at(snapshot: Snapshot, seq: int) -> str:
    """The recipe that a bank was kept by at a point of its log."""
    for entry in snapshot.log(seq, None):
        if entry.op.kind == "NOOP" and "recipe" in entry.op.changes:
            return str(entry.op.changes["recipe"]["from"])
    return snapshot.row.recipe


def branch(
    engine: Engine,
    bank: str,
    name: str,
    *,
    at: int | None,
    on_progress: Callable[[int, int], None] | None = None,
) -> int:
    """Make bank ``name`` of the log of ``bank`` up to seq ``at``; whole or not at all. Gives the seq."""
    with engine.store.snapshot(bank) as snapshot:
        until = snapshot.seq if at is None else at
        if isinstance(until, bool) or not isinstance(until, int) or not 0 <= until <= snapshot.seq:
            raise BadInput(f"at: bank {bank!r} has a log of {snapshot.seq} entries; give 0 to {snapshot.seq}")
        space = _same_space(engine, snapshot, name)
        origin = f"{bank}@{until}"
        recipe, sealed = recipe_at(snapshot, until), bool(snapshot.row.sealed)
        with engine.store.creating(name, recipe, engine.clock.now(), origin, sealed=sealed) as transaction:
            return replay(
                snapshot.log(0, until),
                transaction,
                stored_vectors(snapshot),
                space=space,
                on_progress=(lambda done: on_progress(done, until)) if on_progress else None,
            )


def _same_space(engine: Engine, snapshot: Snapshot, name: str) -> int | None:
    if snapshot.row.space is None:
        return None
    row = engine.store.space_by_id(snapshot.row.name, snapshot.row.space)
    if row is None:
        return None
    known = engine.store.space(name, row.fingerprint)
    made = known or engine.store.add_space(name, row.fingerprint, row.name, row.dim, row.calibration)
    return made.space
