"""Migration: all of a store into another, bank by bank, verified by checksum; it goes on where it was broken off.

The target must be new. A note in it tells that a migration into it is under way; it is taken away when all is verified.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from mnemic.core.chance import Clock
from mnemic.core.errors import BadInput, StoreError
from mnemic.core.evidence import sha
from mnemic.engine.copying import beside, copy_beside, copy_log, verify_log
from mnemic.jobs.opening import queue_of
from mnemic.jobs.queue import PROGRESS, wanted_of
from mnemic.store.notes import WHOLE_STORE, Note
from mnemic.store.protocol import BankRow, Store

#: Under this kind of note a target knows that a migration into it is under way.
MIGRATION = "migration"
#: How often a bank that is written to meanwhile is caught up with.
_ROUNDS = 8
#: Notes of these kinds are each store's own.
_APART = frozenset({MIGRATION, PROGRESS})

Progress = Callable[[str, int, int], None]


@dataclass(frozen=True, slots=True)
class Migrated:
    """What a migration brought over: the seq and what lies beside the log by bank, and jobs that wait."""

    banks: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    jobs: int = 0


def own_banks(store: Store) -> list[BankRow]:
    """The banks of a store, with those that work for one of them in hiding."""
    return [row for row in store.banks() if not row.hidden or row.origin]


def migrate(source: Store, target: Store, clock: Clock, *, name: str, on_progress: Progress | None = None) -> Migrated:
    """Bring all banks, notes, audits, receipts, accounts, answers and waiting jobs of a store into a new one.

    By ``name``, its path or address, the source is known again when a migration was broken off. Raises BadInput
    when the target holds anything else, StoreError when a copy differs.
    """
    _begin(source, target, clock, name)
    done: dict[str, Mapping[str, int]] = {}
    rows = own_banks(source)
    for number, row in enumerate(rows):
        if on_progress is not None:
            on_progress(row.name, number, len(rows))
        done[row.name] = _bring(source, target, row.name)
    strange = {row.name for row in own_banks(target)} - done.keys()
    for bank in strange:
        # It was dropped from the source since an earlier part of this migration.
        target.drop_bank(bank)
    copy_beside(source, target, WHOLE_STORE, apart=_APART)
    _compare(source, target, WHOLE_STORE)
    jobs = _jobs(source, target, clock)
    target.drop_note(WHOLE_STORE, MIGRATION, "source")
    target.flush()
    return Migrated(done, jobs)


def _begin(source: Store, target: Store, clock: Clock, name: str) -> None:
    # An address may hold a password, so its hash is kept.
    mark = sha(name if "://" in name else str(Path(name).absolute()))
    under_way = target.note(WHOLE_STORE, MIGRATION, "source")
    if under_way is not None:
        if under_way.body["from"] != mark:
            raise BadInput("to: holds a part of the migration of another store; finish that, or take another target")
        return
    held = [f"bank {row.name!r}" for row in own_banks(target)[:1]]
    held += [f"a note of kind {note.kind!r}" for note in target.notes(WHOLE_STORE, None)[:1]]
    held += ["an audit" for _ in target.audit(WHOLE_STORE, 0, 1)]
    if held:
        raise BadInput(f"to: is not new: it holds {held[0]}; migrate into a store that is not there yet")
    if source.notes(WHOLE_STORE, MIGRATION):
        raise BadInput("from: is itself the target of a migration that is not finished; finish that first")
    target.put_note(Note(bank=WHOLE_STORE, kind=MIGRATION, id="source", at=clock.now(), body={"from": mark}))


def _bring(source: Store, target: Store, bank: str) -> Mapping[str, int]:
    for _ in range(_ROUNDS):
        seq = copy_log(source, target, bank)
        source.flush()
        counts = copy_beside(source, target, bank)
        if verify_log(source, target, bank):
            _compare(source, target, bank)
            return {"seq": seq, **counts}
    raise StoreError(f"from: bank {bank!r} is written to without a pause; stop its writers, and run this again")


def _compare(source: Store, target: Store, bank: str) -> None:
    ours, theirs = (beside(store, bank, apart=_APART) for store in (source, target))
    if differing := [kind for kind in ours if ours[kind] != theirs[kind]]:
        where = f"bank {bank!r}" if bank else "the store as a whole"
        raise StoreError(
            f"{differing[0]}: those of {where} differ between the two stores; if the source was written to meanwhile, "
            "run this again"
        )


def _jobs(source: Store, target: Store, clock: Clock) -> int:
    ours, theirs = queue_of(source, clock), queue_of(target, clock)
    # What runs in the source is begun anew in the target: each kind of job goes on where it was.
    waiting = [job for state in ("waiting", "running") for job in ours.jobs(state=state)]
    for job in waiting:
        theirs.enqueue(wanted_of(job))
    return len(waiting)
