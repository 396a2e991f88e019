"""What each op does to records and edges: a pure function of the op and of what it touches."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime

from mnemic.core.errors import Conflict, Refused
from mnemic.core.op import LogEntry, Op
from mnemic.core.record import VIEW_LADDER, Edge, Key, Record
from mnemic.core.times import Interval, instant
from mnemic.store.erasing import emptied
from mnemic.store.protocol import Change

#: What the entry of an erasure, and one that it has emptied, may say.
_LEFT = {"place", "ran", "erasure"}
_RETAGGED = ("tags", "labels", "entities", "importance", "confidence")


@dataclass(slots=True)
class Working:
    """Records as they stand while a batch is applied; ``load`` reads those not ``asked`` for yet."""

    load: Callable[[Iterable[str]], dict[str, Record]]
    records: dict[str, Record] = field(default_factory=dict)
    asked: set[str] = field(default_factory=set)

    def get(self, record_id: str) -> Record | None:
        """A record by id, or None."""
        if record_id not in self.records and record_id not in self.asked:
            self.asked.add(record_id)
            self.records.update(self.load([record_id]))
        return self.records.get(record_id)

    def target(self, op: Op, record_id: str) -> Record:
        """A target as it stands; raises Refused when there is none, Conflict when it is not as it was shown."""
        record = self.get(record_id)
        if record is None:
            raise Refused(f"{op.kind}: there is no record {record_id!r} in this bank")
        expected = op.before_sha.get(record_id)
        if expected is not None and expected != record.sha:
            raise Conflict(f"{op.kind}: record {record_id!r} changed since it was read; read it again and retry")
        return record


def apply(op: Op, *, seq: int, batch: int, at: datetime, working: Working) -> Change:
    """The change that an op makes as entry ``seq`` of the log. Raises Refused or Conflict."""
    entry = LogEntry(seq, batch, at, op)
    if op.kind == "RETAIN":
        if op.event is None:
            raise Refused("RETAIN: no event")
        event = replace(op.event, seq=seq, recorded_at=at, bank="")
        return Change(LogEntry(seq, batch, at, replace(op, event=event)), events=(event,))
    if op.kind == "NOOP":
        return _noted(entry)
    if op.kind in ("LINK", "UNLINK"):
        return _linked(entry, working)
    if op.kind == "TOUCH":
        record = working.target(op, op.targets[0])
        touched = record.with_(stats=record.stats.add(op.changes.get("counts", {}), at))
        working.records[touched.id] = touched
        return Change(entry, touched=(touched,))
    if op.kind == "ERASE":
        if op.targets or op.record or op.edge or op.event or op.evidence or set(op.changes) - _LEFT:
            raise Refused("ERASE: an entry that was erased holds nothing any more, and this one does")
        # What is left of an entry that was erased: at most the place of the record that it made.
        kept = ((None, emptied(seq)),) if op.changes.get("place") else ()
        return Change(entry, records=kept, ran=tuple(op.changes.get("ran", {}).items()))
    pairs = tuple(_records(entry, working))
    for _, new in pairs:
        working.records[new.id] = new
    return Change(entry, records=pairs)


def _noted(entry: LogEntry) -> Change:
    changes = entry.op.changes
    return Change(
        entry,
        formed=tuple(changes.get("formed", ())),
        reopened=tuple(changes.get("reopened", ())),
        quarantined=tuple(changes.get("quarantined", ())),
        rejected=tuple(changes.get("rejected", ())),
        ran=tuple(changes.get("ran", {}).items()),
        recipe=changes["recipe"]["to"] if "recipe" in changes else None,
    )


def _linked(entry: LogEntry, working: Working) -> Change:
    edge = entry.op.edge
    if edge is None:
        raise Refused(f"{entry.op.kind}: no edge")
    for end in (edge.src, edge.dst):
        working.target(entry.op, end)
    if entry.op.kind == "UNLINK":
        return Change(entry, cut=(edge,))
    stamped = edge.times.recorded_at or entry.at
    laid: Edge = replace(edge, times=replace(edge.times, recorded_at=stamped))
    return Change(entry, laid=(laid,))


def _records(entry: LogEntry, working: Working) -> Iterable[tuple[Record | None, Record]]:
    op, at = entry.op, entry.at
    if op.kind == "ADD":
        if op.record is None or not op.record.id:
            raise Refused("ADD: no record, or one without an id")
        if working.get(op.record.id) is not None:
            raise Refused(f"ADD: record {op.record.id!r} is there already")
        yield None, _new(op.record, at)
        return
    if op.kind == "MERGE":
        yield from _merged(entry, working)
        return
    old = working.target(op, op.targets[0])
    yield old, _transition(op, old, at)


def _new(record: Record, at: datetime) -> Record:
    state = "active" if record.state == "proposed" else record.state
    return record.with_(state=state, version=1, bank="", times=replace(record.times, recorded_at=at))


def _next(old: Record, at: datetime, new: Record) -> Record:
    return new.with_(
        id=old.id, version=old.version + 1, stats=old.stats, bank="", times=replace(new.times, recorded_at=at)
    )


def _merged(entry: LogEntry, working: Working) -> Iterable[tuple[Record | None, Record]]:
    op, at = entry.op, entry.at
    if op.record is None:
        raise Refused("MERGE: no record")
    for target in op.targets:
        old = working.target(op, target)
        if target != op.record.id:
            yield old, _superseded(old, at, by=op.record.id)
    others = tuple(t for t in op.targets if t != op.record.id)
    merged = op.record.with_(derived_from=tuple(dict.fromkeys((*op.record.derived_from, *others))))
    known = working.get(op.record.id)
    yield (known, _next(known, at, merged.with_(state="active"))) if known else (None, _new(merged, at))


def _superseded(old: Record, at: datetime, by: str, valid_until: datetime | None = None) -> Record:
    times = replace(old.times, superseded_at=at)
    if valid_until is not None and times.valid is not None and valid_until >= times.valid.start:
        times = replace(times, valid=Interval(times.valid.start, valid_until))
    return _next(old, at, old.with_(state="superseded", fields={**old.fields, "superseded_by": by}, times=times))


def _transition(op: Op, old: Record, at: datetime) -> Record:
    changes = dict(op.changes)
    if op.kind == "UPDATE":
        if op.record is None:
            raise Refused("UPDATE: no record")
        return _next(old, at, op.record.with_(state=old.state))
    if op.kind == "SUPERSEDE":
        until = changes.get("valid_until")
        return _superseded(old, at, changes.get("by", ""), instant(until) if until else None)
    if op.kind == "RETAG":
        return _next(old, at, _retagged(old, changes))
    if op.kind == "MOVE":
        return _next(old, at, old.with_(tier=changes["tier"]))
    if op.kind == "SETVIEW":
        return _next(old, at, _viewed(old, changes))
    if op.kind == "DEMOTE":
        return _next(old, at, old.with_(state="archived"))
    if op.kind == "RESTORE":
        back = op.record or old.with_(state="active", times=replace(old.times, superseded_at=None))
        return _next(old, at, back)
    raise Refused(f"{op.kind}: unknown kind of op")


def _retagged(old: Record, changes: dict[str, object]) -> Record:
    new = old
    for name, value in changes.items():
        if name in _RETAGGED:
            new = new.with_(**{name: tuple(value) if isinstance(value, (list, tuple)) else value})
        elif name == "fields" and isinstance(value, dict):
            new = new.with_(fields={**new.fields, **value})
        elif name == "keys" and isinstance(value, dict):
            keys = {n: Key(text, "l" in mode, "d" in mode) for n, (text, mode) in value.items()}
            new = new.with_(keys={**new.keys, **keys})
        else:
            raise Refused(f"RETAG: {name!r} cannot be changed so; it may be {', '.join(_RETAGGED)}, fields or keys")
    return new


def _viewed(old: Record, changes: dict[str, object]) -> Record:
    view = str(changes["view"])
    views = dict(old.views)
    if "text" in changes:
        views[view] = str(changes["text"])
    if view != "full" and view not in views:
        raise Refused(f"SETVIEW: record {old.id!r} has no view {view!r}; the ladder is {', '.join(VIEW_LADDER)}")
    return old.with_(views=views, fields={**old.fields, "view": view})
