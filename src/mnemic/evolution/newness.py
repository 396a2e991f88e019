"""Newness: what happened last is strongest, however often anything was used.

    N = -(days since it happened)

Setting aside the weakest by it is first in, first out; setting aside what lies below -30 is a time to live.
Source: the bounded queues of J. Kang et al., "Memory OS of AI Agent", arXiv 2506.06326, 2025.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from mnemic.core.record import Record
from mnemic.core.record_times import when_of
from mnemic.core.stage import Strength
from mnemic.core.view import View

_DAY = 86_400.0


@dataclass(frozen=True)
class Newness(Strength):
    """Days since each record's event began, as a negative number; of the future: positive.

    >>> from mnemic.core.list_view import ListView
    >>> from mnemic.core.times import Interval, Times, instant
    >>> note = Record(id="r", kind="note", value="", times=Times(event=Interval(*[instant("2025-12-30")] * 2)))
    >>> view = ListView([note])
    >>> Newness().weigh([note], view.now, view)
    [-2.0]
    """

    name: ClassVar[str] = "newness"

    def weigh(self, records: Sequence[Record], now: datetime, view: View) -> list[float]:
        """Minus the age of each in days; a record without any time has no age."""
        return [-((now - (when_of(record) or now)).total_seconds() / _DAY) for record in records]
