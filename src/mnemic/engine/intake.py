"""Intake: which events are new, what they may not be, and what a write came to."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from mnemic.core.errors import BadInput
from mnemic.core.evidence import Event
from mnemic.core.op import Op
from mnemic.core.outcomes import Written as Written
from mnemic.core.record import Record
from mnemic.engine.apply import Working, apply
from mnemic.store.protocol import Snapshot


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
