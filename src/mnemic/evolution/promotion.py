"""Promotion: what is used most is pinned, so that it is in every context; what is used no more makes way.

    usage(r) = cited + ½ · liked + 0.1 · hits,   halved every ``half_life`` days since it was last used
    pinned = the ``most`` records of greatest usage, if at least ``least``

Counters are raw and come from feedback; usage is computed from them and never stored.
Source: the scheduler of Z. Li et al., "MemOS: A Memory OS for AI System", arXiv 2507.03724, 2025, for text alone.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from mnemic.core.op import Op
from mnemic.core.reading import Where
from mnemic.core.record import Record
from mnemic.core.stage import Consolidator
from mnemic.core.view import View

_DAY = 86_400.0


def usage(record: Record, now: datetime, half_life: float) -> float:
    """How much a record is used, as of now.

    >>> from mnemic.core.record import Stats
    >>> from mnemic.core.times import instant
    >>> record = Record(id="r", kind="note", value="", stats=Stats(cited=2, last_used=instant("2026-06-01")))
    >>> usage(record, instant("2026-06-08"), 7.0)
    1.0
    """
    stats = record.stats
    raw = stats.cited + 0.5 * stats.liked + 0.1 * stats.hits
    if stats.last_used is None:
        return 0.0
    age = max((now - stats.last_used).total_seconds() / _DAY, 0.0)
    return float(raw * 2.0 ** (-age / half_life))


@dataclass(frozen=True)
class Promotion(Consolidator):
    """Moves the ``most`` most used records to the tier ``tier``, and what no longer belongs there back out of it.

    Parameters: ``kinds``, which records may be pinned; ``least`` usage; ``half_life`` in days.

    >>> from mnemic.core.list_view import ListView
    >>> from mnemic.core.record import Stats
    >>> from mnemic.core.times import instant
    >>> used = Stats(cited=3, last_used=instant("2025-12-31"))
    >>> view = ListView([Record(id="a", kind="semantic", value="likes tea", stats=used),
    ...                  Record(id="b", kind="semantic", value="has a dog", tier="core")])
    >>> [(op.kind, op.targets, op.changes["tier"]) for op in Promotion().run(view, since=0)]
    [('MOVE', ('a',), 'core'), ('MOVE', ('b',), '')]
    """

    name: ClassVar[str] = "promotion"

    kinds: tuple[str, ...] = ("semantic",)
    tier: str = "core"
    most: int = 20
    least: float = 2.0
    half_life: float = 30.0

    def run(self, view: View, since: int) -> Iterable[Op]:
        """MOVE ops into and out of the tier."""
        records = view.scan(Where(kinds=self.kinds))
        scores = {record.id: usage(record, view.now, self.half_life) for record in records}
        ranked = sorted(records, key=lambda record: -scores[record.id])
        pinned = [record for record in ranked if scores[record.id] >= self.least][: self.most]
        for record in pinned:
            if record.tier != self.tier:
                yield Op.move(record, self.tier, reason=f"usage {scores[record.id]:.2f}", actor=self.name)
        chosen = {record.id for record in pinned}
        for record in records:
            if record.tier == self.tier and record.id not in chosen:
                yield Op.move(record, "", reason=f"usage {scores[record.id]:.2f}", actor=self.name)
