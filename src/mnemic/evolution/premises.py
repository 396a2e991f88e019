"""Premises: a fact that names what it rests on is linked to the version of it that it relied on (law 14).

    (d, "rests_on", p) with note = value(p),   p = the version of the named slot that was valid when d began to hold

Marking what rests on a premise that changes is the engine's: it happens whoever changes it.
Source: this project.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import ClassVar

from mnemic.core.facts import RESTS_ON, has_ended, premises_of, slot_of, valid_from, value_of
from mnemic.core.op import Op
from mnemic.core.reading import Where
from mnemic.core.record import Edge, Record
from mnemic.core.stage import Resolver
from mnemic.core.view import View
from mnemic.evolution.versions import Versions

_MOST = 100_000


@dataclass(frozen=True)
class Premises(Resolver):
    """Has ``then`` take the drafts in, and lays the edges of those that rest on others.

    A premise that was not told yet is linked when it comes.

    >>> from mnemic.core.facts import as_fact
    >>> from mnemic.core.list_view import ListView
    >>> def fact(i, attribute, value, rests_on=()):
    ...     fields = {"subject": "Anna", "attribute": attribute, "value": value, "rests_on": list(rests_on)}
    ...     return as_fact(Record(id=i, kind="semantic", value=f"{attribute}: {value}", fields=fields))
    >>> view = ListView([fact("r1", "office", "Baixa")])
    >>> dentist = fact("d1", "dentist", "Dr. Lima", [{"subject": "Anna", "attribute": "office"}])
    >>> for op in Premises().resolve([dentist], view):
    ...     print(op.kind, op.targets, op.edge.note if op.edge else "")
    ADD ('d1',)
    LINK ('d1', 'r1') Baixa
    """

    name: ClassVar[str] = "premises"
    sight: ClassVar[str] = "event"
    bulk: ClassVar[bool] = True

    then: Resolver = field(default_factory=Versions)

    def resolve(self, drafts: Sequence[Record], view: View) -> Iterable[Op]:
        """The ops of ``then``, and LINKs from what rests to what it rests on."""
        ops = list(self.then.resolve(drafts, view))
        made = [op.record for op in ops if op.kind == "ADD" and op.record is not None and slot_of(op.record)]
        slots = {slot_of(record) for record in made}
        wanted = {premise for record in made for premise in premises_of(record)}
        tags = [*(f"slot:{slot}" for slot in sorted(wanted)), *(f"rests:{slot}" for slot in sorted(slots))]
        where = Where(states=("active", "superseded"))
        known = view.get([hit.id for hit in view.tagged("tag", tags, k=_MOST, where=where)]) if tags else {}
        versions = _versions([*known.values(), *made], wanted | slots)
        waiting = {i: record for i, record in known.items() if not slots.isdisjoint(premises_of(record))}
        linked = {(edge.src, edge.dst) for edge in view.edges(list(waiting), rels=(RESTS_ON,))} if waiting else set()
        bound = {src: {slot_of(known[dst]) for s, dst in linked if s == src and dst in known} for src, _ in linked}
        for record in (*made, *waiting.values()):
            for premise in premises_of(record):
                if premise in bound.get(record.id, ()):
                    continue
                held = _held(versions.get(premise, ()), record)
                if held is not None and held.id != record.id:
                    note = value_of(held) or held.value
                    edge = Edge(src=record.id, dst=held.id, rel=RESTS_ON, note=note)
                    ops.append(Op.link(edge, reason="rests on it", actor=self.name))
        return ops


def _versions(records: Sequence[Record], slots: set[str]) -> Mapping[str, list[Record]]:
    out: dict[str, list[Record]] = {}
    for record in sorted(records, key=lambda record: (valid_from(record), record.id)):
        if (slot := slot_of(record)) in slots:
            out.setdefault(slot, []).append(record)
    return out


def _held(versions: Sequence[Record], dependent: Record) -> Record | None:
    """The version that was valid when the dependent began to hold, else the first one after.

    What is said although its premise has ended does not rest on it any more.
    """
    before = [record for record in versions if valid_from(record) <= valid_from(dependent)]
    held = before[-1] if before else next(iter(versions), None)
    return None if held is not None and has_ended(held) else held
