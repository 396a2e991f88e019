"""Time proximity: a question that names a time means what happened then, or near it.

score'(r) = score(r) + weight · 2^(-gap(r) / half_life),  gap between the question's interval and r's nearest
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from mnemic.core.reading import Hit, Query
from mnemic.core.record_times import intervals_of
from mnemic.core.stage import Scorer
from mnemic.core.times import Interval
from mnemic.core.view import View
from mnemic.retrieval.cues import interval_of
from mnemic.retrieval.fusion import ranked_by_score

_DAY = 86_400.0


@dataclass(frozen=True)
class TimeProximity(Scorer):
    """Adds up to ``weight``, in the unit of the scores, halved every ``half_life`` days away from the time named.

    A record's times are its event, its validity and those that it mentions. Off when the question names none.

    >>> from mnemic.core.list_view import ListView
    >>> from mnemic.core.record import Record
    >>> from mnemic.core.times import Times, instant
    >>> def on(i, day):
    ...     return Record(id=i, kind="note", value=i, times=Times(event=Interval(instant(day), instant(day))))
    >>> view = ListView([on("march", "2025-03-01"), on("may", "2025-05-20")])
    >>> hits = [Hit("march", 0.5, "dense"), Hit("may", 0.4, "dense")]
    >>> query = Query(text="What happened in May 2025?", asked_at=view.now)
    >>> [hit.id for hit in TimeProximity().score(hits, query, view)]
    ['may', 'march']
    """

    name: ClassVar[str] = "time_proximity"

    weight: float = 0.2
    half_life: float = 14.0

    def score(self, hits: list[Hit], query: Query, view: View) -> list[Hit]:
        """The hits by their new scores, or as they are when the question names no time."""
        interval = interval_of(query.text, query.asked_at)
        if interval is None:
            return hits
        records = view.get([hit.id for hit in hits])
        out = []
        for hit in hits:
            spans = intervals_of(records[hit.id]) if hit.id in records else []
            if not spans:
                out.append(hit)
                continue
            added = self.weight * 2.0 ** (-min(_gap(span, interval) for span in spans) / self.half_life)
            out.append(hit.with_score(hit.score + added, time=added))
        return ranked_by_score(out)


def _gap(one: Interval, other: Interval) -> float:
    between = max(one.start, other.start) - min(one.end, other.end)
    return max(between.total_seconds() / _DAY, 0.0)
