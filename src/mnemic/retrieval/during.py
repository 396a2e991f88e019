"""During channel: records of the time that the question speaks of.

score(r) = |I_q ∩ I_r| / min(|I_q|, |I_r|),  the best over r's event, validity and the times it mentions
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from mnemic.core.reading import Hit, Query, Sub
from mnemic.core.stage import Channel
from mnemic.core.view import View
from mnemic.retrieval.cues import interval_of
from mnemic.retrieval.scope import narrow


@dataclass(frozen=True)
class During(Channel):
    """The ``k`` records that share most time with the sub-query's interval, or with a time in its words.

    Without either it finds nothing. Parameters: ``k``, how many; ``kinds``, only these kinds of record;
    ``weight``, for the combiner.

    >>> from mnemic.core.list_view import ListView
    >>> from mnemic.core.record import Record
    >>> from mnemic.core.times import Interval, Times, instant
    >>> def on(i, day):
    ...     times = Times(event=Interval(instant(day), instant(day)))
    ...     return Record(id=f"r{i}", kind="note", value="Walked", times=times)
    >>> view = ListView([on(0, "2025-04-30"), on(1, "2025-05-20")])
    >>> sub = Sub(text="Where then?", interval=Interval(instant("2025-05-01"), instant("2025-06-01")))
    >>> [hit.id for hit in During().search(sub, Query(text=sub.text, asked_at=view.now), view)]
    ['r1']
    """

    name: ClassVar[str] = "during"

    k: int = 100
    kinds: tuple[str, ...] | None = None
    weight: float = 1.0

    def search(self, sub: Sub, query: Query, view: View) -> list[Hit]:
        """Hits by falling share of time in common, which each keeps as its part ``overlap``."""
        where = narrow(sub.where, self.kinds)
        interval = sub.interval or interval_of(sub.text, query.asked_at)
        if where is None or interval is None:
            return []
        hits = view.during(interval, k=self.k, where=where)
        return [Hit(hit.id, hit.score, self.name, {"overlap": hit.score}) for hit in hits]
