"""Retention: the curve of forgetting, flatter with every recall.

    R = e^(-t / (days · S)),   S = 1 + times cited,   t = days since it was last used, else since it happened

Source: W. Zhong et al., "MemoryBank", arXiv 2305.10250, 2023, after H. Ebbinghaus. Its published code computes
e^(-t · S / 5), by which rehearsal makes forget faster; ``published`` does the same.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from mnemic.core.record import Record
from mnemic.core.record_times import idle_days
from mnemic.core.stage import Strength
from mnemic.core.view import View


@dataclass(frozen=True)
class Retention(Strength):
    """R of each record, from 1 (just used) towards 0. ``days`` is how long it takes to fall to 1/e when S is 1.

    >>> from mnemic.core.list_view import ListView
    >>> from mnemic.core.record import Stats
    >>> from mnemic.core.times import Interval, Times, instant
    >>> seen = Times(event=Interval(instant("2025-12-29"), instant("2025-12-29")))
    >>> records = [Record(id="r", kind="note", value="", times=seen, stats=Stats(cited=n)) for n in (0, 1, 4)]
    >>> view = ListView(records)
    >>> [round(r, 2) for r in Retention(days=5).weigh(records, view.now, view)]
    [0.55, 0.74, 0.89]
    >>> [round(r, 2) for r in Retention(days=5, published=True).weigh(records, view.now, view)]
    [0.55, 0.3, 0.05]
    """

    name: ClassVar[str] = "retention"

    days: float = 1.0
    published: bool = False

    def weigh(self, records: Sequence[Record], now: datetime, view: View) -> list[float]:
        """R in 0..1 of each."""
        out = []
        for record in records:
            rehearsed = 1 + record.stats.cited
            slope = rehearsed / self.days if self.published else 1 / (self.days * rehearsed)
            out.append(math.exp(-idle_days(record, now) * slope))
        return out
