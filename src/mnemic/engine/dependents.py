"""Dependents: what rests on a changed premise is looked at again, in code, to the end of the chain (law 14).

    stale(d)  ⇔  some premise p of d:  p was set aside, or ended, or has another value by now, or is stale itself

An edge (d, "rests_on", p) says that d holds as long as p does; its note is the value of p that d relied on. Whatever
changes p, a stage, the user or feedback, the same batch marks d with why, or takes the mark away when p holds again.
Source: this project; justifications as in J. Doyle, "A Truth Maintenance System", Artificial Intelligence 12(3), 1979.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from mnemic.core.facts import RESTS_ON, has_ended, same_value, slot_of, value_of
from mnemic.core.op import Op
from mnemic.core.reading import Where
from mnemic.core.record import Edge, Record
from mnemic.engine.apply import Working, apply
from mnemic.engine.store_view import StoreView

ACTOR = "dependents"
STALE = "stale"
_CHANGING = ("SUPERSEDE", "MERGE", "UPDATE", "DEMOTE", "RESTORE", "RETAG")
#: Chains of premises are short; a circle of them ends here.
_LONGEST = 32
_MOST = 100_000


def with_dependents(ops: Sequence[Op], view: StoreView) -> list[Op]:
    """The ops, and those that mark what rests on the records that they change; the same list when nothing does."""
    laid = [op.edge for op in ops if op.kind == "LINK" and op.edge is not None and op.edge.rel == RESTS_ON]
    cut = {(op.edge.src, op.edge.dst) for op in ops if op.kind == "UNLINK" and op.edge is not None}
    changed = {target for op in ops if op.kind in _CHANGING for target in op.targets}
    if not laid and not changed:
        return list(ops)
    known = view.edges(sorted(changed), rels=(RESTS_ON,), direction="both") if changed else []
    if not laid and not known:
        return list(ops)
    book = _Book(view, ops, laid, cut)
    return [*ops, *book.marked(changed | {edge.src for edge in laid})]


class _Book:
    """Records as they will stand, with the edges between them."""

    def __init__(self, view: StoreView, ops: Sequence[Op], laid: Sequence[Edge], cut: set[tuple[str, str]]) -> None:
        self.view = view
        self.laid = laid
        self.cut = cut
        self.working = Working(view.get)
        for op in ops:
            apply(op, seq=0, batch=0, at=view.now, working=self.working)

    def marked(self, changed: Iterable[str]) -> Iterable[Op]:
        """Ops for all whose doubt is another by now, premises before what rests on them."""
        layer = set(changed)
        for _ in range(_LONGEST):
            look = layer | {edge.src for edge in self._edges(layer | self._former(layer), "in")}
            layer = set()
            for record_id in sorted(look):
                record = self.working.get(record_id)
                if record is None or record.state != "active":
                    continue
                premises = self._edges({record_id}, "out")
                doubt = next((why for edge in premises if (why := self._doubt(edge))), "") if premises else ""
                if premises and doubt != str(record.fields.get(STALE, "")):
                    labels = tuple(label for label in record.labels if label != STALE) + ((STALE,) if doubt else ())
                    op = Op.retag(
                        record, fields={STALE: doubt}, labels=labels, reason=doubt or "certain again", actor=ACTOR
                    )
                    apply(op, seq=0, batch=0, at=self.view.now, working=self.working)
                    yield op
                    layer.add(record_id)
            if not layer:
                return

    def _former(self, ids: set[str]) -> set[str]:
        """Former versions of the same slots: what relied on one of them relies on what became of it."""
        records = [record for i in ids if (record := self.working.get(i)) is not None]
        slots = {slot for record in records if (slot := slot_of(record))}
        if not slots:
            return set()
        made = {i for i, record in self.working.records.items() if slot_of(record) in slots}
        where = Where(states=("superseded",))
        return made | {
            h.id for h in self.view.tagged("tag", [f"slot:{s}" for s in sorted(slots)], k=_MOST, where=where)
        }

    def _edges(self, ids: set[str], direction: str) -> list[Edge]:
        if not ids:
            return []
        found = self.view.edges(sorted(ids), rels=(RESTS_ON,), direction=direction)
        found += [edge for edge in self.laid if (edge.src if direction == "out" else edge.dst) in ids]
        one = {(edge.src, edge.dst): edge for edge in found if (edge.src, edge.dst) not in self.cut}
        return [one[pair] for pair in sorted(one)]

    def _doubt(self, edge: Edge) -> str:
        """Why a premise does not hold any more, or nothing when it does."""
        premise = self.working.get(edge.dst)
        first = _named(premise) if premise else edge.note
        for _ in range(_LONGEST):
            if premise is None or premise.state in ("archived", "quarantined", "erased"):
                return f"{first} was set aside"
            if premise.state != "superseded":
                break
            premise = self.working.get(str(premise.fields.get("superseded_by", "")))
        if premise is None:
            return f"{first} was set aside"
        if has_ended(premise):
            return f"{first} ended"
        now = value_of(premise) or premise.value
        if edge.note and not same_value(now, edge.note):
            return f"{_what(premise)} is no longer {edge.note} but {now}"
        if premise.fields.get(STALE):
            return f"{_named(premise)} is uncertain"
        return ""


def _what(record: Record) -> str:
    subject, attribute = record.fields.get("subject"), record.fields.get("attribute")
    return f"{subject}'s {attribute}" if subject and attribute else "what it rests on"


def _named(record: Record) -> str:
    value = value_of(record)
    return f"{_what(record)} ({value})" if value else f"'{record.value}'"
