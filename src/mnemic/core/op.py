"""Ops: the only way in which a bank changes; stages propose them, the engine applies them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

from mnemic.core.evidence import Event, Span
from mnemic.core.record import Edge, Record
from mnemic.core.times import instant

OpKind = Literal[
    "RETAIN", "ADD", "UPDATE", "MERGE", "SUPERSEDE", "LINK", "UNLINK", "RETAG", "MOVE",
    "TOUCH", "SETVIEW", "DEMOTE", "RESTORE", "NOOP", "ERASE",
]  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Op:
    """A proposed change. Build one with the constructors below: they note what the stage was shown.

    ``targets`` are the ids it touches, ``record`` or ``edge`` the new content, ``changes`` a patch of
    fields, ``before_sha`` the content of the target as it was shown (compare-and-set), ``evidence`` what
    it rests on, ``reason`` why and ``actor`` which stage or user asked.
    """

    kind: OpKind
    targets: tuple[str, ...] = ()
    record: Record | None = None
    edge: Edge | None = None
    event: Event | None = None
    changes: Mapping[str, Any] = field(default_factory=dict)
    before_sha: Mapping[str, str] = field(default_factory=dict)
    actor: str = ""
    reason: str = ""
    evidence: tuple[Span, ...] = ()

    @classmethod
    def retain(cls, event: Event) -> Op:
        """Take an event into evidence."""
        return cls(kind="RETAIN", targets=(event.id,), event=event)

    @classmethod
    def add(cls, record: Record, *, reason: str = "", actor: str = "") -> Op:
        """Take in a new record.

        >>> Op.add(Record(id="r1", kind="semantic", value="tea")).targets
        ('r1',)
        """
        return cls(kind="ADD", targets=(record.id,), record=record, reason=reason, actor=actor, evidence=record.sources)

    @classmethod
    def update(cls, shown: Record, new: Record, *, reason: str = "", actor: str = "") -> Op:
        """Give a record new content under its own id; the old content stays as a version."""
        return cls(
            kind="UPDATE",
            targets=(shown.id,),
            record=new.with_(id=shown.id),
            before_sha={shown.id: shown.sha},
            reason=reason,
            actor=actor,
            evidence=new.sources,
        )

    @classmethod
    def merge(cls, shown: tuple[Record, ...], new: Record, *, reason: str = "", actor: str = "") -> Op:
        """Fold several records into ``new``; those of another id than ``new.id`` are superseded by it."""
        return cls(
            kind="MERGE",
            targets=tuple(record.id for record in shown),
            record=new,
            before_sha={record.id: record.sha for record in shown},
            reason=reason,
            actor=actor,
            evidence=new.sources,
        )

    @classmethod
    def supersede(
        cls, shown: Record, by: str, *, valid_until: datetime | None = None, reason: str = "", actor: str = ""
    ) -> Op:
        """Mark a record as no longer believed because ``by`` took its place."""
        changes: dict[str, Any] = {"by": by}
        if valid_until:
            changes["valid_until"] = valid_until.isoformat()
        return cls(
            kind="SUPERSEDE",
            targets=(shown.id,),
            changes=changes,
            before_sha={shown.id: shown.sha},
            reason=reason,
            actor=actor,
        )

    @classmethod
    def link(cls, edge: Edge, *, reason: str = "", actor: str = "") -> Op:
        """Lay an edge; one of the same (src, rel, dst) is replaced."""
        return cls(kind="LINK", targets=(edge.src, edge.dst), edge=edge, reason=reason, actor=actor)

    @classmethod
    def unlink(cls, edge: Edge, *, reason: str = "", actor: str = "") -> Op:
        """Take an edge away."""
        return cls(kind="UNLINK", targets=(edge.src, edge.dst), edge=edge, reason=reason, actor=actor)

    @classmethod
    def retag(cls, shown: Record, *, reason: str = "", actor: str = "", **changes: Any) -> Op:
        """Change what surrounds the value: tags, labels, entities, fields, importance, confidence, keys.

        ``keys`` maps names to :class:`Key`; the indexes change with them in the same transaction.
        """
        if "keys" in changes:
            changes["keys"] = {n: [k.text, k.mode] for n, k in changes["keys"].items()}
        return cls(
            kind="RETAG",
            targets=(shown.id,),
            changes=changes,
            before_sha={shown.id: shown.sha},
            reason=reason,
            actor=actor,
        )

    @classmethod
    def move(cls, shown: Record, tier: str, *, reason: str = "", actor: str = "") -> Op:
        """Put a record into another tier."""
        return cls(
            kind="MOVE",
            targets=(shown.id,),
            changes={"tier": tier},
            before_sha={shown.id: shown.sha},
            reason=reason,
            actor=actor,
        )

    @classmethod
    def touch(
        cls,
        record_id: str,
        counts: Mapping[str, float],
        *,
        about: Mapping[str, Any] | None = None,
        reason: str = "",
        actor: str = "",
    ) -> Op:
        """Add to a record's counters of use; ``about`` says on which recall (receipt, question, reward), if any."""
        changes: dict[str, Any] = {"counts": dict(counts), **({"about": dict(about)} if about else {})}
        return cls(kind="TOUCH", targets=(record_id,), changes=changes, reason=reason, actor=actor)

    @classmethod
    def set_view(cls, shown: Record, view: str, text: str | None = None, *, reason: str = "", actor: str = "") -> Op:
        """Choose which view of a record is rendered, and give that view a text when it has none."""
        changes: dict[str, Any] = {"view": view}
        if text is not None:
            changes["text"] = text
        return cls(
            kind="SETVIEW",
            targets=(shown.id,),
            changes=changes,
            before_sha={shown.id: shown.sha},
            reason=reason,
            actor=actor,
        )

    @classmethod
    def demote(cls, shown: Record, *, reason: str = "", actor: str = "") -> Op:
        """Archive a record: out of every default read, still there."""
        return cls(kind="DEMOTE", targets=(shown.id,), before_sha={shown.id: shown.sha}, reason=reason, actor=actor)

    @classmethod
    def restore(cls, shown: Record, to: Record | None = None, *, reason: str = "", actor: str = "") -> Op:
        """Make a record active again, or bring back the content that it had as ``to``."""
        return cls(
            kind="RESTORE",
            targets=(shown.id,),
            record=to.with_(id=shown.id) if to else None,
            before_sha={shown.id: shown.sha},
            reason=reason,
            actor=actor,
        )

    @classmethod
    def noop(cls, *, reason: str, evidence: tuple[Span, ...] = (), actor: str = "") -> Op:
        """Say that something was looked at and nothing needed to change."""
        return cls(kind="NOOP", reason=reason, evidence=evidence, actor=actor)

    def to_json(self) -> dict[str, Any]:
        """A JSON object without empty fields."""
        out: dict[str, Any] = {"kind": self.kind}
        if self.targets:
            out["targets"] = list(self.targets)
        for name in ("record", "edge", "event"):
            part = getattr(self, name)
            if part is not None:
                out[name] = part.to_json()
        for name in ("changes", "before_sha"):
            if getattr(self, name):
                out[name] = dict(getattr(self, name))
        for name in ("actor", "reason"):
            if getattr(self, name):
                out[name] = getattr(self, name)
        if self.evidence:
            out["evidence"] = [span.to_json() for span in self.evidence]
        return out

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Op:
        """The inverse of :meth:`to_json`."""
        return cls(
            kind=data["kind"],
            targets=tuple(data.get("targets", ())),
            record=Record.from_json(data["record"]) if "record" in data else None,
            edge=Edge.from_json(data["edge"]) if "edge" in data else None,
            event=Event.from_json(data["event"]) if "event" in data else None,
            changes=data.get("changes", {}),
            before_sha=data.get("before_sha", {}),
            actor=data.get("actor", ""),
            reason=data.get("reason", ""),
            evidence=tuple(Span.from_json(span) for span in data.get("evidence", ())),
        )


@dataclass(frozen=True, slots=True)
class LogEntry:
    """An applied op: its place in the bank's log, the batch it was committed with, and when."""

    seq: int
    batch: int
    at: datetime
    op: Op

    def to_json(self) -> dict[str, Any]:
        """A JSON object: one line of an exported log."""
        return {"seq": self.seq, "batch": self.batch, "at": self.at.isoformat(), "op": self.op.to_json()}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> LogEntry:
        """The inverse of :meth:`to_json`."""
        return cls(data["seq"], data["batch"], instant(data["at"]), Op.from_json(data["op"]))
