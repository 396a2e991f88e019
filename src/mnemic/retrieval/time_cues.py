"""Time cues: what a question says about time becomes the interval of its search.

"in May", "last week"      the interval, resolved against the day of asking
"before she moved"         the event is looked up; the interval ends (before, until) or begins (after, since) with it
"when", "how long ago"     the facet asks_time, so that later stages know that a date is wanted

Source: time-aware query expansion in D. Wu et al., "LongMemEval", arXiv 2410.10813, 2024.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import ClassVar

from mnemic.core.reading import Query, Sub
from mnemic.core.record_times import when_of
from mnemic.core.stage import Channel, Planner
from mnemic.core.times import Interval
from mnemic.core.view import View
from mnemic.retrieval.cues import asks_time, interval_of
from mnemic.retrieval.lexical import Lexical
from mnemic.retrieval.whole_question import WholeQuestion

_ANCHOR = re.compile(r"\b(?P<side>before|until|after|since)\s+(?P<clause>[^,?!.;]+)", re.I)
_FIRST = datetime(1, 1, 1, tzinfo=UTC)
_LAST = datetime(9999, 12, 31, tzinfo=UTC)


@dataclass(frozen=True)
class TimeCues(Planner):
    """The sub-queries of ``inner`` with the intervals that their words name.

    Parameters: ``inner``, the planner whose sub-queries are read; ``anchor``, the channel that finds the event
    of "before she moved".

    >>> from mnemic.core.list_view import ListView
    >>> from mnemic.core.record import Key, Record
    >>> from mnemic.core.times import Times, instant
    >>> times = Times(event=Interval(instant("2025-03-01"), instant("2025-03-01")))
    >>> moved = Record(id="r0", kind="episodic", value="We moved", keys={"turn": Key("We moved")}, times=times)
    >>> view = ListView([moved])
    >>> [sub] = TimeCues().plan(Query(text="Where did she live before she moved?", asked_at=view.now), view)
    >>> sub.interval.end.isoformat(), sub.facets["anchor"]
    ('2025-03-01T00:00:00+00:00', 'r0')
    """

    name: ClassVar[str] = "time_cues"

    inner: Planner = field(default_factory=WholeQuestion)
    anchor: Channel = field(default_factory=Lexical)

    def plan(self, query: Query, view: View) -> list[Sub]:
        """The inner planner's sub-queries; an interval that one already has is kept."""
        return [self._read(sub, query, view) for sub in self.inner.plan(query, view)]

    def _read(self, sub: Sub, query: Query, view: View) -> Sub:
        facets = {**sub.facets, "asks_time": True} if asks_time(sub.text) else dict(sub.facets)
        interval = sub.interval or interval_of(sub.text, query.asked_at)
        if interval is None and (found := _ANCHOR.search(sub.text)):
            hits = self.anchor.search(replace(sub, text=found["clause"]), query, view)[:1]
            records = view.get([hit.id for hit in hits])
            for record in records.values():
                when = when_of(record)
                if when is not None:
                    facets["anchor"] = record.id
                    earlier = found["side"].lower() in ("before", "until")
                    interval = Interval(_FIRST, when) if earlier else Interval(when, _LAST)
        return replace(sub, interval=interval, facets=facets)
