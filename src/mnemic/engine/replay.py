"""Replay: a log, applied to an empty bank, rebuilds it; branches and imports are replays."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import islice

from mnemic.core.op import LogEntry
from mnemic.engine.apply import Working, apply
from mnemic.store.protocol import Batch, Change, Transaction, Unit, units_of

CHUNK = 512
UnitKey = tuple[str, str, bytes]


def chunked(entries: Iterable[LogEntry], size: int = CHUNK) -> Iterator[list[LogEntry]]:
    """Runs of entries."""
    waiting = iter(entries)
    while run := list(islice(waiting, size)):
        yield run


def new_units(changes: Sequence[Change]) -> list[Unit]:
    """The dense units that the changes' records are found under, each once."""
    found = {unit: None for c in changes for _, record in c.records for unit in units_of(record) if "d" in unit.mode}
    return list(found)


def replay(
    entries: Iterable[LogEntry],
    transaction: Transaction,
    vectors: Callable[[Sequence[Unit]], Mapping[UnitKey, bytes]],
    *,
    space: int | None,
    on_progress: Callable[[int], None] | None = None,
) -> int:
    """Apply a log within a transaction; gives the number of entries. ``vectors`` finds those of units."""
    done = 0
    for run in chunked(entries):
        # What a run before this one laid down is read back through the transaction itself.
        working = Working(transaction.records)
        changes = [apply(e.op, seq=e.seq, batch=e.batch, at=e.at, working=working) for e in run]
        units = new_units(changes)
        found = vectors(units) if units else {}
        transaction.apply(Batch(changes, found, space=space if units else None))
        done += len(run)
        if on_progress is not None:
            on_progress(done)
    return done
