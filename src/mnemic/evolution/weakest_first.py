"""Weakest first: what is remembered least strongly is set aside.

    demote r  if  strength(r) < below,   or, with a draw,  strength(r) < u ~ U(0, 1)
              or  r is not among the strongest n,   n = most,   or  ⌈share · N⌉ + a_session · (sessions - 2)

``share`` is a pair: the mean strength, held between its two ends. N counts what is archived too, so that sweeping more
often keeps no less. Every policy of forgetting is this with another strength: a curve of retention, first in first
out, a time to live, use weighted by age, affect, earned weight.
Source: the selection step common to arXiv 2305.10250 (MemoryBank), 2409.12524 (LUFY), 2504.16754 (HEMA), 2506.06326.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import ClassVar

from mnemic.core.errors import BadInput
from mnemic.core.op import Op
from mnemic.core.reading import Where
from mnemic.core.record import Record
from mnemic.core.stage import Forgetter, Strength
from mnemic.core.view import View
from mnemic.evolution.newness import Newness


@dataclass(frozen=True)
class WeakestFirst(Forgetter):
    """Demotes by ``strength`` among the records of ``kinds`` (None: any), those with a label of ``labels`` only.

    Give one or more of ``below``, ``draw``, ``most`` and ``share``. ``draw`` decides by chance, once a sweep.
    Of equal strengths the older goes first. Raises BadInput when none is given.

    >>> from mnemic.core.list_view import ListView
    >>> view = ListView(Record(id=f"r{i}", kind="note", value="") for i in range(4))
    >>> [op.targets for op in WeakestFirst(most=3).sweep(view, view.now)]
    [('r0',)]
    """

    name: ClassVar[str] = "weakest_first"

    strength: Strength = field(default_factory=Newness)
    kinds: tuple[str, ...] | None = None
    labels: tuple[str, ...] | None = None
    below: float | None = None
    draw: bool = False
    most: int | None = None
    share: tuple[float, float] | None = None
    a_session: int = 0

    def __post_init__(self) -> None:
        if self.below is None and self.most is None and self.share is None and not self.draw:
            raise BadInput("weakest_first: say what goes: give below, draw, most or share")

    def sweep(self, view: View, now: datetime) -> Iterable[Op]:
        """DEMOTE ops, each with the strength that it rests on."""
        where = Where(kinds=self.kinds, labels=self.labels)
        records = view.scan(where)
        weighed = dict(zip([r.id for r in records], self.strength.weigh(records, now, view), strict=True))
        kept = [record for record in records if not self._too_weak(weighed[record.id], view)]
        room = self._room(list(weighed.values()), where, view)
        # The scan runs from old to new, and sorting keeps that order among equals.
        weakest = sorted(kept, key=lambda record: weighed[record.id])[: max(len(kept) - room, 0)]
        gone = {record.id for record in weakest}.union(weighed.keys() - {record.id for record in kept})
        return [self._demote(record, weighed[record.id]) for record in records if record.id in gone]

    def _too_weak(self, strength: float, view: View) -> bool:
        if self.below is not None and strength < self.below:
            return True
        return self.draw and strength < view.tools.rng.random()

    def _room(self, strengths: list[float], where: Where, view: View) -> int:
        room = len(strengths) if self.most is None else self.most
        if self.share is None or not strengths:
            return room
        low, high = self.share
        part = min(max(sum(strengths) / len(strengths), low), high)
        total = view.count(where.and_(states=("active", "archived")))
        spare = self.a_session * max(len(view.facts("session")) - 2, 0)
        return min(room, math.ceil(part * total) + spare)

    def _demote(self, record: Record, strength: float) -> Op:
        return Op.demote(record, reason=f"{self.strength.name} {strength:.4g}", actor=self.name)
