"""What a user changed is carried over when a bank's records are made anew.

A former record's counterpart is the new record of equal value and sources. Counters, labels, corrections, deletions and
restorations go over to it. What was corrected, restored or made by the user and has no counterpart stays, found under
the new recipe's keys; what else has none is reported.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from mnemic.core.op import LogEntry, Op
from mnemic.core.record import Key, Record, Stats
from mnemic.core.rewording import reworded
from mnemic.store.protocol import Snapshot, Unit, units_of

#: Whose ops are a user's wishes, or no recipe's business: they outlive the recipe.
WISHES = ("user", "rollback", "vault")
REASON = "carried over by recipe switch"
_Identity = tuple[str, tuple[tuple[str, int, int], ...]]


@dataclass(slots=True)
class Carried:
    """What becomes of former records: ops on new ones, those that stay, and what has no counterpart.

    ``rekeyed`` are ops on those that stay, ``seeds`` counters that new records begin with, ``by`` the counterparts,
    ``counts`` how many wishes were carried over by kind, ``left`` the records whose wishes were not, with their kinds.
    """

    ops: list[Op] = field(default_factory=list)
    rekeyed: list[Op] = field(default_factory=list)
    seeds: dict[str, Stats] = field(default_factory=dict)
    by: dict[str, str] = field(default_factory=dict)
    kept: list[str] = field(default_factory=list)
    counts: Counter[str] = field(default_factory=Counter)
    left: dict[str, list[str]] = field(default_factory=dict)


@dataclass(slots=True)
class _Wishes:
    made: bool = False
    restored: bool = False
    deleted: bool = False
    labels: tuple[str, ...] = ()
    corrected_at: int | None = None
    last: int = 0

    def note(self, entry: LogEntry) -> None:
        op, self.last = entry.op, entry.seq
        if op.kind == "ADD":
            self.made = True
        elif op.kind == "DEMOTE":
            self.deleted, self.restored = True, False
        elif op.kind == "RESTORE":
            # A rollback brings back what was there: it asks for no record in particular to outlive the recipe.
            self.deleted = op.record is not None and op.record.state == "archived"
            self.restored = op.actor == "user"
        elif op.kind == "RETAG":
            self.labels = tuple(op.changes.get("labels", self.labels))
        elif op.kind == "UPDATE" and self.corrected_at is None:
            self.corrected_at = entry.seq


def identity(record: Record) -> _Identity:
    """What two records of different recipes have in common when they are the same: value and evidence."""
    return record.value, tuple(sorted((span.source, span.start, span.end) for span in record.sources))


def carry(now: Snapshot, former: Mapping[str, Record], made: Mapping[str, Record], since: int) -> Carried:
    """What becomes of ``former`` records once those of ``made`` take their place; ``since``: seq of the last switch."""
    wishes = _wishes(now, former)
    # What was wished before an earlier switch was handed over or reported by that one, unless the record stayed.
    early = {i: wish for i, wish in wishes.items() if former[i].state != "active" and wish.last <= since}
    free: dict[_Identity, list[Record]] = {}
    # Of several with equal content the current one is the counterpart.
    for record in sorted(made.values(), key=lambda record: record.state == "active"):
        free.setdefault(identity(record), []).append(record)
    out = Carried()
    for record in former.values():
        wish = wishes.get(record.id, _Wishes())
        wish.deleted &= record.state == "archived"
        if record.id in early:
            continue
        if record.state != "active" and not wish.deleted:
            continue
        origin = _origin(now, record, wish)
        found = free.get(identity(origin), [])
        counterpart = found.pop() if found else None
        if counterpart is not None:
            out.by[record.id] = counterpart.id
            _hand_over(out, record, origin, counterpart, wish)
        else:
            _without(out, record, origin, wish, made.values())
    for record in (former[i] for i, wish in early.items() if wish.deleted):
        # A recipe between had nothing of the kind; now that it is made again, it is still unwanted.
        if found := free.get(identity(_origin(now, record, wishes[record.id])), []):
            _hand_over(out, record, record, found.pop(), _Wishes(deleted=True))
    return out


def texts(ops: Iterable[Op]) -> list[Unit]:
    """The texts that ops of :func:`carry` put under keys."""
    out: list[Unit] = []
    for op in ops:
        keys = op.changes.get("keys", {})
        out += [Unit(name, text, mode) for name, (text, mode) in keys.items() if mode and text.strip()]
        out += units_of(op.record) if op.record is not None else []
    return out


def _wishes(now: Snapshot, former: Mapping[str, Record]) -> dict[str, _Wishes]:
    out: dict[str, _Wishes] = {}
    for entry in now.log(0, None):
        if entry.op.actor not in WISHES or entry.op.edge is not None:
            continue
        for target in entry.op.targets:
            if target in former:
                out.setdefault(target, _Wishes()).note(entry)
    return out


def _origin(now: Snapshot, record: Record, wish: _Wishes) -> Record:
    if wish.corrected_at is None:
        return record
    return next((v.record for v in now.versions(record.id) if v.to_seq == wish.corrected_at), record)


def _hand_over(out: Carried, record: Record, origin: Record, new: Record, wish: _Wishes) -> None:
    if record.stats != Stats():
        out.seeds[new.id] = record.stats
        out.counts["counters"] += 1
    if wish.deleted:
        if new.state == "active":
            out.ops.append(Op.demote(new, reason=REASON, actor="user"))
        out.counts["deletions"] += 1
        return
    standing = new
    corrected = record.value != origin.value
    if (corrected or wish.restored) and standing.state != "active":
        out.ops.append(Op.restore(standing, reason=REASON, actor="user"))
        out.counts["restorations"] += 1
    if corrected:
        better = reworded(standing, record.value).with_(epistemic="inference")
        out.ops.append(replace(Op.update(standing, better, reason=REASON, actor="user"), before_sha={}))
        out.counts["corrections"] += 1
    if labels := [label for label in wish.labels if label in record.labels]:
        joined = tuple(dict.fromkeys((*standing.labels, *labels)))
        out.ops.append(replace(Op.retag(standing, labels=joined, reason=REASON, actor="user"), before_sha={}))
        out.counts["labels"] += 1


def _without(out: Carried, record: Record, origin: Record, wish: _Wishes, made: Iterable[Record]) -> None:
    if record.state == "active" and (wish.made or wish.restored or record.value != origin.value):
        out.kept.append(record.id)
        keys = {**record.keys, **_keys(record.value, made)}
        if keys != record.keys:
            out.rekeyed.append(Op.retag(record, keys=keys, reason=REASON, actor="switch"))
        return
    lost = [name for name, wished in (("deletion", wish.deleted), ("labels", bool(wish.labels))) if wished]
    if record.stats != Stats():
        lost.append("counters")
    if lost:
        out.left[record.id] = lost


def _keys(value: str, made: Iterable[Record]) -> dict[str, Key]:
    # The keys under which the new recipe looks for what a record says; a date or a speaker is none of them.
    with_value, modes = Counter[str](), dict[str, Key]()
    total = Counter[str]()
    for record in made:
        for name, key in record.keys.items():
            total[name] += 1
            with_value[name] += bool(record.value) and record.value in key.text
            modes[name] = key
    names = [name for name in modes if 2 * with_value[name] >= total[name]]
    return {name: replace(modes[name], text=value) for name in names}
