"""Recent use: how much a record has been used, half as much with every half-life that it has not been.

    u = (cited + 0.5 · liked + 0.1 · hits) · 2^(-days since it was last used / half_life)

Source: the importance by which the scheduler of Z. Li et al., "MemOS: A Memory OS for AI System", arXiv 2507.03724,
2025, moves memories between forms; its weights belong to its own counters.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from mnemic.core.record import Record
from mnemic.core.stage import Strength
from mnemic.core.view import View

_DAY = 86_400.0


@dataclass(frozen=True)
class RecentUse(Strength):
    """u of each record, 0 for one that was never used. ``half_life`` in days.

    >>> from mnemic.core.list_view import ListView
    >>> from mnemic.core.record import Stats
    >>> from mnemic.core.times import instant
    >>> used = Record(id="r", kind="note", value="", stats=Stats(cited=2, last_used=instant("2025-12-25")))
    >>> view = ListView([used])
    >>> RecentUse(half_life=7.0).weigh([used], view.now, view)
    [1.0]
    """

    name: ClassVar[str] = "recent_use"

    half_life: float = 30.0

    def weigh(self, records: Sequence[Record], now: datetime, view: View) -> list[float]:
        """u of each."""
        return [self._use(record, now) for record in records]

    def _use(self, record: Record, now: datetime) -> float:
        stats = record.stats
        if stats.last_used is None:
            return 0.0
        idle = max((now - stats.last_used).total_seconds() / _DAY, 0.0)
        return float((stats.cited + 0.5 * stats.liked + 0.1 * stats.hits) * 2.0 ** (-idle / self.half_life))
