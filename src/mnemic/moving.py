"""Moving a bank to another server while it is read and written; broken off anywhere, it goes on where it was.

The log is copied while writers go on. A fence in the source then makes them wait, what is left is copied and compared,
the directory is switched, and the source is dropped when nobody can be using it any more.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

from mnemic.core.chance import Clock
from mnemic.core.errors import BadInput, StoreError
from mnemic.core.op import Op
from mnemic.engine.apply import Working, apply
from mnemic.engine.copying import copy_beside, copy_log, verify_log
from mnemic.store.directory import Placement
from mnemic.store.protocol import Batch, Store
from mnemic.store.routed import FRESH_S, RoutedStore
from mnemic.store.write_behind import INTERVAL_S

#: After the switch other processes may use the source for so long: a placement that they read, a receipt that waits.
GRACE_S = FRESH_S + INTERVAL_S + 0.5
_ALL = 1 << 40

Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class Moved:
    """A move that is done: the bank, from which server to which, and the seq of its log."""

    bank: str
    source: str
    target: str
    seq: int


def move(store: Store, bank: str, to: str, clock: Clock, *, on_progress: Progress | None = None) -> Moved:
    """Move a bank to another server.

    Raises BadInput when the store is not on several servers, or the bank is there already; NotFound when there is no
    such bank or server; StoreError when a server is down or the copy differs, and the bank is then where it was.
    """
    if not isinstance(store, RoutedStore):
        raise BadInput("store: is on one server; a bank can be moved between the servers of a directory+... store")
    directory, target = store.directory, store.store_of(to)
    place = store.place_of(bank)
    if place.former:
        # A move that was switched already and not cleared away.
        moved = _clear(store, place)
        if place.server == to:
            return moved
        place = store.place_of(bank)
    if place.server == to:
        raise BadInput(f"to: bank {bank!r} is on server {to!r} already")
    source = store.store_of(place.server)
    directory.begin(bank, to)
    copy_log(source, target, bank, on_progress=on_progress)
    copy_beside(source, target, bank)
    _fence(source, place, clock)
    copy_log(source, target, bank)
    source.flush()
    copy_beside(source, target, bank)
    if not verify_log(source, target, bank):
        raise StoreError(f"bank: {bank!r} was written to behind the fence; run this again")
    directory.switch(bank)
    return _clear(store, store.place_of(bank))


def _fence(source: Store, place: Placement, clock: Clock) -> None:
    with source.transaction(place.bank) as transaction:
        if transaction.ran(place.fence):
            return
        row = transaction.row
        op = Op(kind="NOOP", changes={"ran": {place.fence: row.seq + 1}}, reason="moved", actor="store")
        change = apply(op, seq=row.seq + 1, batch=row.batch + 1, at=clock.now(), working=Working(transaction.records))
        transaction.apply(Batch([change]))


def _clear(store: RoutedStore, place: Placement) -> Moved:
    source, target = store.store_of(place.former), store.store_of(place.server)
    if source.bank(place.bank) is not None:
        time.sleep(GRACE_S)
        source.flush()
        _late(source, target, place.bank)
        source.drop_bank(place.bank)
    store.directory.end(place.bank)
    row = target.bank(place.bank)
    return Moved(place.bank, place.former, place.server, row.seq if row is not None else 0)


def _late(source: Store, target: Store, bank: str) -> None:
    # What was laid beside the log of the source by those who did not know yet that the bank had moved.
    receipts = {receipt.id for receipt in target.receipts(bank, _ALL)}
    for receipt in reversed(source.receipts(bank, _ALL)):
        if receipt.id not in receipts:
            target.put_receipt(receipt)
    answers = {asked.key for asked in target.answers(bank)}
    for asked in source.answers(bank):
        if asked.key not in answers:
            target.put_asked(asked)
    for note in source.notes(bank, None):
        there = target.note(bank, note.kind, note.id)
        if there is None or there.at < note.at:
            target.put_note(note)
    said = [(entry.at, entry.who, entry.verb, dict(entry.body)) for entry in target.audit(bank)]
    for entry in source.audit(bank):
        if (told := (entry.at, entry.who, entry.verb, dict(entry.body))) not in said:
            target.put_audit(bank, *told)
    target.flush()
