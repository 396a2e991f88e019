"""Age-weighted use: what is old fades, and what was used or matters fades later.

    w = e^(-rate · age) · (1 + times cited) · (½ + importance),   age = records that are newer

Age counts in records and not in days, so that a pause in a conversation makes nothing fade. An unknown importance
counts as ½. Source: K. Ahn, "HEMA", arXiv 2504.16754, 2025, which publishes no constants.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from mnemic.core.record import Record
from mnemic.core.record_times import when_of
from mnemic.core.stage import Strength
from mnemic.core.view import View


@dataclass(frozen=True)
class AgeWeighted(Strength):
    """w of each record among those given; ``rate`` is the share that fades with each newer record.

    >>> from mnemic.core.list_view import ListView
    >>> from mnemic.core.record import Stats
    >>> records = [Record(id="a", kind="note", value=""), Record(id="b", kind="note", value="", stats=Stats(cited=2))]
    >>> view = ListView(records)
    >>> AgeWeighted(rate=0.0).weigh(records, view.now, view)
    [1.0, 3.0]
    """

    name: ClassVar[str] = "age_weighted"

    rate: float = 0.01

    def weigh(self, records: Sequence[Record], now: datetime, view: View) -> list[float]:
        """The weights; of records of one instant the later one given is newer."""
        order = sorted(range(len(records)), key=lambda i: (when_of(records[i]) or now, i), reverse=True)
        age = {place: rank for rank, place in enumerate(order)}
        out = []
        for place, record in enumerate(records):
            importance = 0.5 if record.importance is None else record.importance
            out.append(math.exp(-self.rate * age[place]) * (1 + record.stats.cited) * (0.5 + importance))
        return out
