"""Full context: everything, newest first until the budget is spent, shown in time order.

The baseline that any memory is compared with: what a model sees when nothing is searched.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from mnemic.context.fill import fill
from mnemic.core.reading import Context, Hit, Query
from mnemic.core.record_times import when_of
from mnemic.core.stage import Assembler
from mnemic.core.times import instant
from mnemic.core.view import View


@dataclass(frozen=True)
class FullContext(Assembler):
    """Writes the newest records that fit, whatever their scores.

    >>> from mnemic.core.list_view import ListView
    >>> from mnemic.core.record import Record
    >>> from mnemic.core.times import Times
    >>> def note(i, day):
    ...     return Record(id=f"r{i}", kind="note", value="A note", times=Times(recorded_at=instant(day)))
    >>> view = ListView([note(0, "2026-05-01"), note(1, "2026-06-02")])
    >>> hits = [Hit("r0", 2.0, "everything"), Hit("r1", 1.0, "everything")]
    >>> FullContext().build(hits, Query(text="", asked_at=view.now, tokens=8), view).text
    '[1] 2 June 2026: A note'
    """

    name: ClassVar[str] = "full_context"

    def build(self, hits: list[Hit], query: Query, view: View) -> Context:
        """The context; each line cites its record."""
        records = view.get([hit.id for hit in hits])
        stamps = {key: when_of(record) or instant(0) for key, record in records.items()}
        known = [hit for hit in hits if hit.id in records]
        newest = sorted(known, key=lambda hit: (stamps[hit.id], hit.id), reverse=True)
        return fill(newest, (), query, view)
