"""Weibull time: of what was found, the nearer in time to the question counts more, on the scale of what was found.

    score'(r) = score(r) · exp(-(Δ(r) / median Δ)^k),   Δ(r) = |day asked about - day of r|, the median at least one day

The median makes the weight the same whether the hits span days or years. Off unless the question has a cue for time.
Source: Z. Huang et al., "LiCoMemory", arXiv 2511.01448, 2025.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from statistics import median
from typing import ClassVar

from mnemic.core.reading import Hit, Query
from mnemic.core.record_times import when_of
from mnemic.core.stage import Scorer
from mnemic.core.view import View
from mnemic.retrieval.cues import asks_latest, interval_of
from mnemic.retrieval.fusion import ranked_by_score

_DAY = 86_400.0


@dataclass(frozen=True)
class WeibullTime(Scorer):
    """Multiplies scores with the time weight; the reference is a time that the question names, else when it is asked.

    Parameters: ``k``, the shape: the smaller, the gentler; ``always``, also without a cue for time.

    >>> from mnemic.core.list_view import ListView
    >>> from mnemic.core.record import Record
    >>> from mnemic.core.times import Interval, Times, instant
    >>> def on(i, day):
    ...     return Record(id=i, kind="note", value=i, times=Times(event=Interval(instant(day), instant(day))))
    >>> view = ListView([on("old", "2025-01-01"), on("new", "2025-12-02")])
    >>> hits = [Hit("old", 0.5, "dense"), Hit("new", 0.45, "dense")]
    >>> def order(text):
    ...     return [hit.id for hit in WeibullTime(k=0.5).score(hits, Query(text=text, asked_at=view.now), view)]
    >>> order("Where does she live now?"), order("Where did she live?")
    (['new', 'old'], ['old', 'new'])
    """

    name: ClassVar[str] = "weibull_time"

    k: float = 0.1
    always: bool = False

    def score(self, hits: list[Hit], query: Query, view: View) -> list[Hit]:
        """The hits by their new scores, or as they are when the question has no cue."""
        named = interval_of(query.text, query.asked_at)
        if not hits or (named is None and not self.always and not asks_latest(query.text)):
            return hits
        meant = named.start if named is not None else query.asked_at
        records = view.get([hit.id for hit in hits])
        gaps = {}
        for hit in hits:
            when = when_of(records[hit.id]) if hit.id in records else None
            if when is not None:
                gaps[hit.id] = abs((meant - when).total_seconds()) / _DAY
        if not gaps:
            return hits
        scale = max(median(gaps.values()), 1.0)
        out = []
        for hit in hits:
            factor = math.exp(-((gaps.get(hit.id, scale) / scale) ** self.k))
            out.append(hit.with_score(hit.score * factor, time=factor))
        return ranked_by_score(out)
