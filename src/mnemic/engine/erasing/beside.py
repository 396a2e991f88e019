"""What is kept beside the log and goes with an erasure: receipts of reads, cached answers, notes, jobs."""

from __future__ import annotations

import json
from collections.abc import Container, Mapping
from dataclasses import dataclass, field
from typing import Any

from mnemic.engine.engine import Engine
from mnemic.engine.erasing.planning import Plan
from mnemic.governance.secrets import SEALED
from mnemic.store.pieces import Pieces
from mnemic.store.protocol import Snapshot

#: Notes of secrets go by name, since what they hold is sealed; others that hold no content stay, as they are what
#: tells of erasures and copies.
_KEPT = ("erasure", "export", "backup", SEALED)


@dataclass(slots=True)
class Beside:
    """What goes, by name; ``kinds`` counts notes by kind."""

    receipts: list[str] = field(default_factory=list)
    answers: list[bytes] = field(default_factory=list)
    notes: list[tuple[str, str]] = field(default_factory=list)
    #: What is left of each job: nothing of one that ended; one that waits is still to be done.
    jobs: dict[str, Mapping[str, Any] | None] = field(default_factory=dict)


def beside(engine: Engine, bank: str, snapshot: Snapshot, found: Plan, heard: Container[bytes]) -> Beside:
    """What names an erased event or record, or holds words of one.

    A cached answer does not say what it was asked: all go, but those that forming anew has asked for.
    """
    if not found.cascade.events:
        return Beside()
    gone = found.cascade.events | found.cascade.records
    pieces = Pieces(found.pieces)

    def tells(body: str) -> bool:
        return bool(pieces.found(body.encode("utf-8", "surrogatepass"))) or _names(json.loads(body), gone)

    return Beside(
        receipts=[name for name, body in snapshot.raw_beside("receipts") if tells(body)],
        answers=[key for key, _ in snapshot.raw_beside("answers") if bytes(key) not in heard],
        notes=[
            *((name for name, body in snapshot.raw_beside("notes") if name[0] not in _KEPT and tells(body))),
            *_secrets(snapshot, found),
        ],
        jobs={
            job.id: _without(job.body, gone) if job.state == "waiting" else None
            for job in engine.store.jobs(bank)
            # One that runs may be what asked for this erasure; it sees to its words itself.
            if job.state != "running" and tells(json.dumps([dict(job.body), dict(job.result)], ensure_ascii=False))
        },
    )


def _without(value: Any, gone: Container[str]) -> Any:
    """The value without the items of lists that name what is gone."""
    if isinstance(value, Mapping):
        return {key: _without(item, gone) for key, item in value.items()}
    if isinstance(value, list):
        return [_without(item, gone) for item in value if not (isinstance(item, str) and item in gone)]
    return value


def _secrets(snapshot: Snapshot, found: Plan) -> list[tuple[str, str]]:
    """The sealed secrets whose placeholders nothing that stays holds."""
    left = set(found.trace.secrets)
    for seq, _, _, body in snapshot.raw_log() if left else ():
        if seq not in found.entries and "[secret:" in body:
            left.difference_update([placeholder for placeholder in left if placeholder in body])
    return [(SEALED, placeholder[len("[secret:") : -1]) for placeholder in sorted(left)]


def _names(value: Any, gone: Container[str]) -> bool:
    if isinstance(value, str):
        return value in gone
    if isinstance(value, dict):
        return any(_names(item, gone) or key in gone for key, item in value.items())
    return any(_names(item, gone) for item in value) if isinstance(value, list) else False
