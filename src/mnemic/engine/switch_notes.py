"""What log and store know of a switch to another recipe: that it is under way, since when, and how far it is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from mnemic.core.evidence import sha
from mnemic.core.op import Op
from mnemic.engine.apply import Working, apply
from mnemic.engine.engine import Engine
from mnemic.store.protocol import HIDDEN, Batch, Transaction

#: How the store remembers that a switch is under way, and since which seq the last one holds.
UNDER_WAY, SWITCHED = "switch", "switched"


@dataclass(frozen=True, slots=True)
class Switching:
    """A switch under way: from and to which recipe, since which seq and when, and how many events are formed."""

    recipe: str
    name: str
    since: int
    started_at: datetime
    done: int
    total: int


def choose_recipe(engine: Engine, bank: str, recipe: str) -> None:
    """Let another recipe form and read from here on; what is remembered stays as it is. Noted in the log."""
    with engine.store.transaction(bank) as transaction:
        if transaction.row.recipe != recipe:
            changes = {"recipe": {"from": transaction.row.recipe, "to": recipe}}
            _note(engine, transaction, changes, "recipe chosen")


def under_way(engine: Engine, bank: str) -> Switching | None:
    """The switch that is under way in a bank, or None."""
    with engine.store.snapshot(bank) as snapshot:
        since = snapshot.rules().get(UNDER_WAY, (0, None))[0]
        if not since:
            return None
        entry = next(iter(snapshot.log(since - 1, since)))
        total = snapshot.counters()["events"]
    told = entry.op.changes["switch"]
    done = 0
    if engine.store.bank(hidden := hidden_name(bank, since)) is not None:
        with engine.store.snapshot(hidden) as made:
            done = made.counters()["events"] - len(made.unformed(None))
    return Switching(told["to"], told["name"], since, entry.at, done, total)


def give_up(engine: Engine, bank: str) -> bool:
    """End a switch that is under way, without any change to what is remembered; False when there is none."""
    with engine.store.transaction(bank) as transaction:
        since = transaction.ran(UNDER_WAY)
        if since:
            _note(engine, transaction, {"ran": {UNDER_WAY: 0}}, "recipe switch given up")
    tidy(engine, bank)
    return bool(since)


def begin(engine: Engine, bank: str, recorded: str, name: str) -> int:
    current = under_way(engine, bank)
    if current is not None and current.recipe == recorded:
        return current.since
    with engine.store.transaction(bank) as transaction:
        seq = transaction.row.seq + 1
        told = {"from": transaction.row.recipe, "to": recorded, "name": name}
        _note(engine, transaction, {"switch": told, "ran": {UNDER_WAY: seq}}, "recipe switch begins")
    return seq


def hidden_name(bank: str, since: int) -> str:
    return f"{HIDDEN}{sha(bank)[:20]}-{since}"


def tidy(engine: Engine, bank: str, keep: str = "") -> None:
    # A job that was killed between its last commit and this, or another one that was given up.
    for row in engine.store.banks():
        if row.name.startswith(hidden_name(bank, 0)[:-1]) and row.name != keep:
            engine.store.drop_bank(row.name)


def _note(engine: Engine, transaction: Transaction, changes: Mapping[str, object], reason: str) -> None:
    row = transaction.row
    op = Op(kind="NOOP", changes=changes, reason=reason, actor="switch")
    working = Working(transaction.records)
    change = apply(op, seq=row.seq + 1, batch=row.batch + 1, at=engine.clock.now(), working=working)
    transaction.apply(Batch([change]))
