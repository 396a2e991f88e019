"""Points of a log compared: what changed between two of them, and the ops that bring one back."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from mnemic.core.op import Op
from mnemic.core.record import Edge, Record
from mnemic.engine.store_view import StoreView
from mnemic.store.protocol import Snapshot

_CURRENT = ("active", "proposed")


@dataclass(frozen=True, slots=True)
class Difference:
    """Current records that one point has and another has not, and those that are not the same at both."""

    added: tuple[Record, ...]
    removed: tuple[Record, ...]
    changed: tuple[tuple[Record, Record], ...]

    def to_json(self) -> dict[str, Any]:
        """A JSON object."""
        return {
            "added": [record.to_json() for record in self.added],
            "removed": [record.to_json() for record in self.removed],
            "changed": [{"before": a.to_json(), "after": b.to_json()} for a, b in self.changed],
        }


def _compared(old: Mapping[str, Record], new: Mapping[str, Record]) -> Difference:
    return Difference(
        tuple(record for i, record in new.items() if i not in old),
        tuple(record for i, record in old.items() if i not in new),
        tuple((old[i], record) for i, record in new.items() if i in old and old[i].sha != record.sha),
    )


def difference(before: Snapshot, after: Snapshot) -> Difference:
    """Compare two points of one bank by what its log touched between them, however large the bank is."""
    low, high = sorted((before.seq, after.seq))
    later = after if after.seq >= before.seq else before
    touched: dict[str, None] = {}
    for entry in later.log(low, high):
        if entry.op.kind not in ("RETAIN", "NOOP", "TOUCH", "LINK", "UNLINK"):
            touched.update(dict.fromkeys(entry.op.targets))
            if entry.op.record is not None:
                touched[entry.op.record.id] = None
    old, new = _current(before, touched), _current(after, touched)
    return _compared(old, new)


def _current(snapshot: Snapshot, ids: Iterable[str]) -> dict[str, Record]:
    found = snapshot.records(ids)
    return {i: record for i, record in found.items() if record.state in _CURRENT}


def rollback_ops(past: Snapshot, view: StoreView, reason: str) -> list[Op]:
    """Ops after which every record and edge, and the recipe, is as it was in ``past``."""
    actor = "rollback"
    ops: list[Op] = []
    recipe_then, reopened = "", list[str]()
    touched: dict[str, None] = {}
    edges: dict[tuple[str, str, str], Edge] = {}
    for entry in view.snapshot.log(past.seq, None):
        if entry.op.edge is not None:
            edge = entry.op.edge
            edges[edge.src, edge.rel, edge.dst] = edge
        elif entry.op.kind == "NOOP" and "recipe" in entry.op.changes:
            recipe_then = recipe_then or entry.op.changes["recipe"]["from"]
            # What waited when the recipe was switched waits again.
            reopened += entry.op.changes.get("formed", ())
        elif entry.op.kind not in ("RETAIN", "NOOP", "TOUCH"):
            touched.update(dict.fromkeys(entry.op.targets))
            if entry.op.record is not None:
                touched[entry.op.record.id] = None
    now, then = view.get(touched), past.records(touched)
    for record_id, record in now.items():
        former = then.get(record_id)
        if former is None:
            if record.state in _CURRENT:
                ops.append(Op.demote(record, reason=reason, actor=actor))
        elif former.sha != record.sha:
            ops.append(Op.restore(record, former, reason=reason, actor=actor))
    ops.extend(_edge_ops(past, view, edges, reason, actor))
    if recipe_then and (recipe_then != view.snapshot.row.recipe or reopened):
        told = {"recipe": {"from": view.snapshot.row.recipe, "to": recipe_then}, "reopened": reopened}
        ops.append(Op(kind="NOOP", changes=told, reason=reason, actor=actor))
    return ops


def _edge_ops(
    past: Snapshot, view: StoreView, edges: dict[tuple[str, str, str], Edge], reason: str, actor: str
) -> list[Op]:
    sources = list(dict.fromkeys(src for src, _, _ in edges))
    now = {(e.src, e.rel, e.dst): e for e in view.edges(sources)}
    then = {(e.src, e.rel, e.dst): e for e in past.edges(sources, None, "out")}
    ops = []
    for identity in edges:
        if identity in now and identity not in then:
            ops.append(Op.unlink(now[identity], reason=reason, actor=actor))
        elif identity in then and then[identity] != now.get(identity):
            view.shown.update(identity[::2])
            ops.append(Op.link(then[identity], reason=reason, actor=actor))
    return ops
