"""Copying a bank from one store to another: its log replayed, and what lies beside the log laid down again.

The copy grows by runs of the log, each committed whole, so that it goes on where it was; what is copied twice is there
once. Two copies of one log are the same bank when their fingerprints are equal.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from itertools import islice

from mnemic.core.errors import BadInput, Conflict, StoreError
from mnemic.core.op import LogEntry
from mnemic.core.usage import Usage
from mnemic.engine.branching import recipe_at, stored_vectors
from mnemic.engine.replay import CHUNK, replay
from mnemic.store.asked import Asked, Spent
from mnemic.store.notes import Note
from mnemic.store.protocol import BankRow, Snapshot, SpaceRow, Store, Transaction

Progress = Callable[[int, int], None]
#: More receipts than any bank has.
_ALL = 1 << 40


def copy_log(source: Store, target: Store, bank: str, *, on_progress: Progress | None = None) -> int:
    """Bring the copy of a bank to where the bank is; makes it when it is not there. Gives the seq.

    Raises BadInput when the target has another bank of that name.
    """
    while True:
        # A run at a time: a snapshot that is held for long keeps the source from tidying up.
        with source.snapshot(bank) as now:
            row, done = now.row, _begun(source, target, now)
            if done >= row.seq:
                return done
            space = same_space(source, target, row)
            entries = list(islice(now.log(done, None), CHUNK))
            with target.transaction(bank) as transaction:
                extend(transaction, now, entries, space)
        if on_progress is not None:
            on_progress(entries[-1].seq, row.seq)


def extend(transaction: Transaction, now: Snapshot, entries: Sequence[LogEntry], space: int | None) -> None:
    """Repeat entries of a snapshot's log in a copy, within a transaction on it; raises Conflict if it went on."""
    if entries and transaction.row.seq != entries[0].seq - 1:
        raise Conflict(f"bank {transaction.row.name!r} is being copied by another process too; retry")
    replay(entries, transaction, stored_vectors(now), space=space)


def same_space(source: Store, target: Store, row: BankRow) -> int | None:
    """The number that a bank's embedding space has in the target; made there when it is new to it."""
    space = _space(source, row)
    if space is None:
        return None
    known = target.space(row.name, space.fingerprint)
    made = known or target.add_space(row.name, space.fingerprint, space.name, space.dim, space.calibration)
    return made.space


def _space(store: Store, row: BankRow) -> SpaceRow | None:
    return None if row.space is None else store.space_by_id(row.name, row.space)


def _begun(source: Store, target: Store, now: Snapshot) -> int:
    """How far the copy is; it is made when it is not there, and made anew when the bank has another embedder now."""
    row = now.row
    found = target.bank(row.name)
    if found is not None and found.seq:
        with target.snapshot(row.name) as copy:
            last = next(iter(copy.log(found.seq - 1, found.seq)), None)
        same = next(iter(now.log(found.seq - 1, found.seq)), None)
        if last is None or same is None or last.to_json() != same.to_json():
            raise BadInput(f"bank: {row.name!r} is there already, and is no copy of this one; choose another target")
        theirs, ours = _space(source, row), _space(target, found)
        if ours is not None and (theirs is None or theirs.fingerprint != ours.fingerprint):
            target.drop_bank(row.name)
            found = None
    if found is None:
        found = target.create_bank(row.name, recipe_at(now, 0), row.created_at, row.origin, sealed=bool(row.sealed))
    return found.seq


def verify_log(source: Store, target: Store, bank: str) -> bool:
    """Whether a bank and its copy have one log and one fingerprint now; False when the bank went on meanwhile."""
    with source.snapshot(bank) as ours, target.snapshot(bank) as theirs:
        if ours.seq != theirs.seq:
            return False
        if ours.fingerprint() != theirs.fingerprint():
            raise StoreError(
                f"bank: the copy of {bank!r} differs from it at seq {ours.seq}; drop the copy and copy it again"
            )
        return True


def copy_beside(source: Store, target: Store, bank: str, *, apart: frozenset[str] = frozenset()) -> dict[str, int]:
    """Lay down what is kept beside the log of a bank, or of the store as a whole; gives how much there is by kind.

    The target then has just what the source has: a note that is gone there goes here too. Notes of the kinds ``apart``
    are each store's own.
    """
    counts = {"notes": _notes(source, target, bank, apart), "audit": _audit(source, target, bank)}
    if bank:
        counts |= {
            "receipts": _receipts(source, target, bank),
            "usage": _usage(source, target, bank),
            "answers": _answers(source, target, bank),
        }
    target.flush()
    return counts


def beside(store: Store, bank: str, *, apart: frozenset[str] = frozenset()) -> dict[str, object]:
    """What is kept beside the log of a bank, to compare it with a copy."""
    out: dict[str, object] = {
        "notes": [note for note in store.notes(bank, None) if note.kind not in apart],
        "audit": [(entry.n, entry.sha) for entry in store.audit(bank)],
    }
    if bank:
        out["receipts"] = sorted(receipt.id for receipt in store.receipts(bank, _ALL))
        out["usage"] = sorted(store.spent(bank), key=_account)
        out["answers"] = sorted((asked.key, str(asked.answer)) for asked in store.answers(bank))
    return out


def _account(spent: Spent) -> tuple[str, str, str]:
    return spent.day, spent.purpose, spent.task


def _notes(source: Store, target: Store, bank: str, apart: frozenset[str]) -> int:
    def named(store: Store) -> dict[tuple[str, str], Note]:
        return {(note.kind, note.id): note for note in store.notes(bank, None) if note.kind not in apart}

    ours, theirs = named(source), named(target)
    for key, note in ours.items():
        if theirs.get(key) != note:
            target.put_note(note)
    for kind, note_id in theirs.keys() - ours.keys():
        target.drop_note(bank, kind, note_id)
    return len(ours)


def _audit(source: Store, target: Store, bank: str) -> int:
    known = list(target.audit(bank))
    n = 0
    for n, entry in enumerate(source.audit(bank), 1):
        if n <= len(known):
            if known[n - 1].sha != entry.sha:
                raise StoreError(f"audit: bank {bank!r} has another chain in the target from entry {n} on")
            continue
        made = target.put_audit(bank, entry.at, entry.who, entry.verb, entry.body)
        if made.sha != entry.sha:
            raise StoreError(f"audit: entry {n} of bank {bank!r} was changed; 'mnemic audit verify' tells more")
    if n < len(known):
        raise StoreError(f"audit: the chain of bank {bank!r} is longer in the target than in the source")
    return n


def _receipts(source: Store, target: Store, bank: str) -> int:
    known = {receipt.id for receipt in target.receipts(bank, _ALL)}
    receipts = source.receipts(bank, _ALL)
    for receipt in reversed(receipts):
        if receipt.id not in known:
            target.put_receipt(receipt)
    return len(receipts)


def _usage(source: Store, target: Store, bank: str) -> int:
    known = {_account(spent): spent for spent in target.spent(bank)}
    spent = source.spent(bank)
    for row in spent:
        there = known.get(_account(row))
        usage, failures = row.usage, row.failures
        if there is not None:
            usage, failures = _less(usage, there.usage), failures - there.failures
        if usage != Usage() or failures or there is None:
            at = datetime.fromisoformat(row.day).replace(tzinfo=UTC)
            target.put_asked(Asked(bank, at, row.purpose, row.task, usage, failures=failures))
    return len(spent)


def _less(usage: Usage, by: Usage) -> Usage:
    return Usage(
        usage.calls - by.calls,
        usage.cached - by.cached,
        usage.tokens_in - by.tokens_in,
        usage.tokens_out - by.tokens_out,
    )


def _answers(source: Store, target: Store, bank: str) -> int:
    known = {asked.key for asked in target.answers(bank)}
    answers = source.answers(bank)
    for asked in answers:
        if asked.key not in known:
            target.put_asked(asked)
    return len(answers)
