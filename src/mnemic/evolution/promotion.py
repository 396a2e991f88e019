"""Promotion: what is used most is pinned, so that it is in every context; what is used no more makes way.

    pinned = the ``most`` records of greatest strength, of those that reach ``least``

Source: the scheduler of Z. Li et al., "MemOS: A Memory OS for AI System", arXiv 2507.03724, 2025, for text alone.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import ClassVar

from mnemic.core.op import Op
from mnemic.core.reading import Where
from mnemic.core.stage import Consolidator, Strength
from mnemic.core.view import View
from mnemic.evolution.recent_use import RecentUse


@dataclass(frozen=True)
class Promotion(Consolidator):
    """Moves the ``most`` strongest records to the tier ``tier``, and what no longer belongs there back out of it.

    Parameters: ``kinds``, which records may be pinned; ``strength``; ``least`` strength.

    >>> from mnemic.core.list_view import ListView
    >>> from mnemic.core.record import Record, Stats
    >>> from mnemic.core.times import instant
    >>> used = Stats(cited=3, last_used=instant("2025-12-31"))
    >>> view = ListView([Record(id="a", kind="semantic", value="likes tea", stats=used),
    ...                  Record(id="b", kind="semantic", value="has a dog", tier="core")])
    >>> [(op.kind, op.targets, op.changes["tier"]) for op in Promotion().run(view, since=0)]
    [('MOVE', ('a',), 'core'), ('MOVE', ('b',), '')]
    """

    name: ClassVar[str] = "promotion"

    kinds: tuple[str, ...] = ("semantic",)
    strength: Strength = field(default_factory=RecentUse)
    tier: str = "core"
    most: int = 20
    least: float = 2.0

    def run(self, view: View, since: int) -> Iterable[Op]:
        """MOVE ops into and out of the tier."""
        records = view.scan(Where(kinds=self.kinds))
        strengths = dict(zip((r.id for r in records), self.strength.weigh(records, view.now, view), strict=True))
        ranked = sorted(records, key=lambda record: -strengths[record.id])
        pinned = [record for record in ranked if strengths[record.id] >= self.least][: self.most]
        chosen = {record.id for record in pinned}
        for record in pinned:
            if record.tier != self.tier:
                yield Op.move(record, self.tier, reason=f"strength {strengths[record.id]:.2f}", actor=self.name)
        for record in records:
            if record.tier == self.tier and record.id not in chosen:
                yield Op.move(record, "", reason=f"strength {strengths[record.id]:.2f}", actor=self.name)
