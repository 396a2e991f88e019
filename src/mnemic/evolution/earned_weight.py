"""Earned weight: what helps gains, what misleads loses, and every use costs a little.

    w = max(floor, start + gain · (successes - failures) - cost · (successes + failures))

A record has to help more often than not, by more than the cost of showing it. The floor keeps it findable: a weight of
nothing could never be earned back. Source: H. Xu et al., "SEDM: Scalable Self-Evolving Distributed Memory for Agents",
arXiv 2509.09498, 2025, w ← w + α·Ū - β·f, taken after each single use.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from mnemic.core.record import Record
from mnemic.core.stage import Strength
from mnemic.core.view import View


@dataclass(frozen=True)
class EarnedWeight(Strength):
    """w of each record. Parameters: ``start`` before any use; ``gain`` a success; ``cost`` a use; ``floor``.

    >>> from mnemic.core.list_view import ListView
    >>> from mnemic.core.record import Stats
    >>> tried = [Stats(), Stats(successes=2), Stats(successes=1, failures=3)]
    >>> records = [Record(id="r", kind="lesson", value="", stats=stats) for stats in tried]
    >>> view = ListView(records)
    >>> EarnedWeight(gain=0.25, cost=0.05).weigh(records, view.now, view)
    [1.0, 1.4, 0.3]
    """

    name: ClassVar[str] = "earned_weight"

    start: float = 1.0
    gain: float = 0.25
    cost: float = 0.02
    floor: float = 0.05

    def weigh(self, records: Sequence[Record], now: datetime, view: View) -> list[float]:
        """The weights, none below the floor."""
        out = []
        for record in records:
            won, lost = record.stats.successes, record.stats.failures
            weight = self.start + self.gain * (won - lost) - self.cost * (won + lost)
            out.append(round(max(self.floor, weight), 9))
        return out
