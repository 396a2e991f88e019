"""Segments that a model cannot form: tried three times, then set aside, so that their session goes on without them.

Each try is in the log as a NOOP that names the events, the reason and how often; replay and branches know of it. What
is set aside stays in evidence, is counted, and can be opened again.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from mnemic.core.errors import ModelFailure
from mnemic.core.evidence import Event
from mnemic.core.op import Op
from mnemic.store.protocol import Snapshot

MOST_TRIES = 3
HELD = "held:"


@dataclass(frozen=True, slots=True)
class Held:
    """A segment that was not formed: its events, how often it was tried, why, and whether it is set aside."""

    events: tuple[str, ...]
    tries: int
    reason: str
    aside: bool


def tries_of(snapshot: Snapshot, first: Event) -> int:
    """How often the segment that begins with an event was tried in vain."""
    known = _held(snapshot, snapshot.rules().get(HELD + first.id, (0, None))[0])
    return known.tries if known is not None else 0


def held_ops(events: Sequence[Event], tries: int, error: ModelFailure, seq: int) -> list[Op]:
    """The note of a failed try as entry ``seq`` of the log; at the last try the events are used up by it."""
    aside = tries >= MOST_TRIES
    ids = [event.id for event in events]
    held = {"events": ids, "tries": tries, "aside": aside}
    # The note is found by its own seq, as rules are by theirs; that also holds where a log is repeated elsewhere.
    changes = {"held": held, "ran": {HELD + ids[0]: seq}}
    ops = [Op(kind="NOOP", changes=changes, reason=str(error)[:400], actor="formation")]
    if aside:
        ops.append(Op(kind="NOOP", changes={"formed": ids}, reason="set aside", actor="formation"))
    return ops


def set_aside(snapshot: Snapshot) -> list[Held]:
    """The segments that are set aside."""
    return [held for _, held in _all(snapshot)]


def reopening(snapshot: Snapshot) -> list[Op]:
    """The ops after which what is set aside waits to be formed again."""
    return [
        Op(kind="NOOP", changes={"reopened": list(held.events), "ran": {name: 0}}, reason="tried again", actor="user")
        for name, held in _all(snapshot)
    ]


def _all(snapshot: Snapshot) -> Iterator[tuple[str, Held]]:
    for name, (seq, _) in snapshot.rules().items():
        held = _held(snapshot, seq) if name.startswith(HELD) else None
        if held is not None and held.aside:
            yield name, held


def _held(snapshot: Snapshot, seq: int) -> Held | None:
    entry = next(iter(snapshot.log(seq - 1, seq)), None) if seq else None
    told = entry.op.changes.get("held") if entry is not None else None
    if entry is None or not told:
        return None
    return Held(tuple(told["events"]), int(told["tries"]), entry.op.reason, bool(told["aside"]))
