"""What is left of the log: entries that say nothing any more, and histories of records that lose a part of theirs."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from mnemic.core.op import LogEntry, Op
from mnemic.core.record import Record
from mnemic.engine.apply import Working, apply
from mnemic.engine.erasing.cascade import Cascade
from mnemic.engine.holding import HELD
from mnemic.store.protocol import Change, Snapshot

_LISTS = ("formed", "reopened", "quarantined", "rejected")


def left_of(cascade: Cascade) -> tuple[dict[int, Op], list[str]]:
    """What is left of each entry that loses something, and the names of rules whose notes go."""
    trace = cascade.trace
    out: dict[int, Op] = {}
    for seq in cascade.entries:
        made = any(trace.made_by(owner) == seq for owner in trace.owners.get(seq, ()))
        out[seq] = Op(kind="ERASE", changes={"place": True} if made else {})
    rules: list[str] = []
    gone = cascade.events | cascade.records
    for seq, note in trace.notes.items():
        left, lost = _note_left(note, gone, leaks=seq in cascade.entries)
        rules += lost
        if left is not None:
            out[seq] = Op.from_json(left)
        else:
            out.pop(seq, None)
    return out, rules


def _note_left(note: Mapping[str, Any], gone: set[str], *, leaks: bool) -> tuple[dict[str, Any] | None, list[str]]:
    changes = dict(note.get("changes", {}))
    rules: list[str] = []
    for name in _LISTS:
        if name in changes:
            told = changes[name]
            # What was kept back is told with its reasons.
            changes[name] = (
                {i: told[i] for i in told if i not in gone}
                if isinstance(told, Mapping)
                else [i for i in told if i not in gone]
            )
    if "held" in changes and not gone.isdisjoint(changes["held"]["events"]):
        changes.pop("held")
    if "ran" in changes:
        rules = [rule for rule in changes["ran"] if rule.startswith(HELD) and rule.removeprefix(HELD) in gone]
        changes["ran"] = {rule: seq for rule, seq in changes["ran"].items() if rule not in rules}
    evidence = [span for span in note.get("evidence", ()) if span[0] not in gone]
    lost = len(evidence) < len(note.get("evidence", ()))
    if changes == note.get("changes", {}) and not lost and not leaks:
        return None, []
    kept = {name: value for name, value in changes.items() if value or value == 0}
    out: dict[str, Any] = {"kind": "NOOP", **({"changes": kept} if kept else {})}
    if note.get("actor"):
        out["actor"] = note["actor"]
    if evidence:
        out["evidence"] = evidence
    if note.get("reason") and not lost and not leaks:
        out["reason"] = note["reason"]
    return out, rules


def redone(cascade: Cascade, snapshot: Snapshot, entries: dict[int, Op]) -> tuple[list[Change], list[str]]:
    """The histories of records that stay without what goes of them, and of edges; with the ids of these records.

    What an op was compared with is not said any more where it may be another by now: ``entries`` gets those too.
    """
    trace = cascade.trace
    again = dict.fromkeys(cascade.changed())
    waiting = list(again)
    seqs: set[int] = set()
    while waiting:
        record = waiting.pop()
        for seq in trace.histories[record]:
            if seq in cascade.entries:
                continue
            seqs.add(seq)
            # An op on several can only be repeated with all of them.
            fresh = [owner for owner in trace.owners[seq] if owner not in again]
            again.update(dict.fromkeys(fresh))
            waiting += fresh
    working = Working(lambda _: {})
    changes: list[Change] = []
    lost = set(cascade.changed())
    for entry in _entries(snapshot, seqs):
        op = entry.op
        if op.before_sha and not lost.isdisjoint(op.before_sha):
            op = replace(op, before_sha={i: sha for i, sha in op.before_sha.items() if i not in lost})
            entries[entry.seq] = op
        change = apply(op, seq=entry.seq, batch=entry.batch, at=entry.at, working=working)
        changes.append(replace(change, records=tuple(pair for pair in change.records if pair[1].id in again)))
    links = {seq for edge in cascade.cut() for seq in trace.links[edge] if seq not in cascade.entries}
    ends = Working(lambda ids: {i: Record(id=i, kind="", value="") for i in ids})
    changes += [
        apply(entry.op, seq=entry.seq, batch=entry.batch, at=entry.at, working=ends)
        for entry in _entries(snapshot, links)
    ]
    return changes, list(again)


def _entries(snapshot: Snapshot, seqs: Iterable[int]) -> Iterable[LogEntry]:
    for seq in sorted(seqs):
        yield from snapshot.log(seq - 1, seq)
