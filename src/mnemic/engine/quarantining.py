"""Events that are kept back: in evidence, but not formed, and shown to no stage until somebody has decided.

The log says so in a NOOP beside their RETAIN; another one lets them wait to be formed, or rejects them for good.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from mnemic.core.errors import NotFound
from mnemic.core.evidence import Event
from mnemic.core.op import LogEntry, Op
from mnemic.store.protocol import Snapshot

ACTOR = "admission"
#: Reasons by the ids of events that are kept back.
Reasons = Mapping[str, Sequence[str]]
NOTHING: Reasons = {}


@dataclass(frozen=True, slots=True)
class Quarantined:
    """An event that is kept back, why, and who brought it in (a principal; empty where that is not known)."""

    event: Event
    reasons: tuple[str, ...]
    by: str = ""


def retaining(fresh: Sequence[Event], quarantined: Mapping[str, Sequence[str]], by: str = "") -> list[Op]:
    """The ops that take events into evidence, those kept back with their reasons; ``by`` is who brings them in."""
    ops = [Op(kind="RETAIN", targets=(event.id,), event=event, actor=by) for event in fresh]
    kept = {event.id: list(quarantined[event.id]) for event in fresh if event.id in quarantined}
    return [*ops, Op(kind="NOOP", changes={"quarantined": kept}, reason="quarantined", actor=ACTOR)] if kept else ops


def formed(used: Sequence[Event]) -> list[Op]:
    """The note that formation has used events up."""
    if not used:
        return []
    return [Op(kind="NOOP", changes={"formed": [event.id for event in used]}, reason="formed", actor="formation")]


def in_quarantine(snapshot: Snapshot) -> list[Quarantined]:
    """What is kept back, in order, with the reasons and who brought it in."""
    return [Quarantined(event, *_told(snapshot, event)) for event in snapshot.kept_back()]


def _told(snapshot: Snapshot, event: Event) -> tuple[tuple[str, ...], str]:
    by, reasons = "", ()
    for entry in snapshot.log(event.seq - 1, None):
        if entry.seq == event.seq:
            by = entry.op.actor
        if event.id in (kept := entry.op.changes.get("quarantined", {})):
            reasons = tuple(kept[event.id]) if isinstance(kept, Mapping) else ()
            break
    return reasons, by


def release_ops(snapshot: Snapshot, ids: Sequence[str], reason: str, by: str) -> list[Op]:
    """The ops after which events wait to be formed; raises NotFound when one is not kept back."""
    _check(snapshot, ids)
    changes = {"reopened": list(ids), "released": list(ids)}
    return [Op(kind="NOOP", changes=changes, reason=reason or "released", actor=by)]


def reject_ops(snapshot: Snapshot, ids: Sequence[str], reason: str, by: str) -> list[Op]:
    """The ops after which events are never formed; raises NotFound when one is not kept back."""
    _check(snapshot, ids)
    return [Op(kind="NOOP", changes={"rejected": list(ids)}, reason=reason or "rejected", actor=by)]


def _check(snapshot: Snapshot, ids: Sequence[str]) -> None:
    kept = {event.id for event in snapshot.kept_back()}
    if missing := [event_id for event_id in ids if event_id not in kept]:
        raise NotFound(f"event: {missing[0]!r} is not in quarantine of bank {snapshot.row.name!r}")


def withheld(entries: Iterable[LogEntry]) -> dict[str, list[str]]:
    """Events that the entries of a log leave quarantined or rejected, with the reasons that were told."""
    out: dict[str, list[str]] = {}
    for entry in entries:
        changes = entry.op.changes
        if entry.op.kind != "NOOP" or not changes:
            continue
        told = changes.get("quarantined", {})
        for event_id in told:
            # Some erasures left the ids alone.
            out[event_id] = list(told[event_id]) if isinstance(told, Mapping) else []
        for event_id in changes.get("rejected", ()):
            out.setdefault(event_id, []).append(entry.op.reason)
        for event_id in changes.get("released", ()):
            out.pop(event_id, None)
    return out


def shown(entries: Sequence[LogEntry], snapshot: Snapshot) -> list[Event]:
    """The events of a stretch of the log that stages may see: those retained and not kept back, and those released."""
    kept = withheld(entries)
    told = [entry.op.event for entry in entries if entry.op.event is not None]
    late = [i for entry in entries for i in entry.op.changes.get("released", ())]
    known = {event.id for event in told}
    released = snapshot.events([i for i in dict.fromkeys(late) if i not in known]) if late else {}
    return [event for event in (*told, *released.values()) if event.id not in kept]
