"""Intake: which events are new, what they may not be, and what a write came to."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from mnemic.core.errors import BadInput
from mnemic.core.evidence import Event
from mnemic.core.op import Op
from mnemic.core.record import Record
from mnemic.engine.apply import Working, apply
from mnemic.store.protocol import Snapshot


@dataclass(frozen=True, slots=True)
class Written:
    """What a write did: events taken in and already known, records made, ops applied, questions put to a model.

    ``pending`` events are safe in evidence and wait to be formed, for ``pending_reason``: a language model gave no
    answer that can be used. Later writes, ``consolidate`` and ``close_sessions`` try again. ``quarantined`` are events
    that are kept back until somebody decides, ``sealed`` counts secrets that went to the vault, and ``unkept`` those
    that were taken out and could not be kept, since there is no vault key.

    >>> (Written(("e1",), ops=1) + Written(pending=1, pending_reason="it is down")).pending_reason
    'it is down'
    """

    added: tuple[str, ...] = ()
    skipped: int = 0
    records: tuple[str, ...] = ()
    ops: int = 0
    calls: int = 0
    pending: int = 0
    pending_reason: str = ""
    quarantined: tuple[str, ...] = ()
    sealed: int = 0
    unkept: int = 0

    def __add__(self, other: Written) -> Written:
        return Written(
            self.added + other.added,
            self.skipped + other.skipped,
            self.records + other.records,
            self.ops + other.ops,
            self.calls + other.calls,
            self.pending + other.pending,
            self.pending_reason or other.pending_reason,
            self.quarantined + other.quarantined,
            self.sealed + other.sealed,
            self.unkept + other.unkept,
        )


def check_ids(events: Sequence[Event]) -> None:
    """Raise BadInput when one id is given to different events."""
    seen: dict[str, Event] = {}
    for event in events:
        first = seen.setdefault(event.id, event)
        if first is not event and first.sha != event.sha:
            raise BadInput(f"id: event {event.id!r} is given twice with different content; ids must be unique")


def unknown(events: Sequence[Event], known: Mapping[str, str]) -> list[Event]:
    """The events that are not in evidence yet; raises BadInput when an id is there with other content."""
    fresh: dict[str, Event] = {}
    for event in events:
        if event.id not in known:
            fresh.setdefault(event.id, event)
        elif known[event.id] != event.sha:
            raise BadInput(
                f"id: event {event.id!r} is in evidence already with other content; evidence never changes, "
                "so give the new event an id of its own"
            )
    return list(fresh.values())


def content_of(ops: Sequence[Op], snapshot: Snapshot) -> list[Record]:
    """Records whose texts may need vectors: new content, and neighbours whose keys a RETAG changes."""
    out = [op.record for op in ops if op.record is not None]
    retagged = [op for op in ops if op.kind == "RETAG" and "keys" in op.changes]
    known = snapshot.records([op.targets[0] for op in retagged])
    made = {record.id: record for record in out}
    for op in retagged:
        base = known.get(op.targets[0]) or made.get(op.targets[0])
        if base is not None:
            working = Working(lambda _: {}, {base.id: base})
            change = apply(replace(op, before_sha={}), seq=0, batch=0, at=snapshot.row.created_at, working=working)
            out.extend(new for _, new in change.records)
    return out
