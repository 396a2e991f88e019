"""Recency: of things that match alike, the newer one is meant - when the question asks how things stand now.

    score'(r) = score(r) + weight · 2^(-age(r) / half_life),  age from the asking back to r's event

Off unless the question has such a cue: on conversations, preferring what is new to every question lowers
what is found.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from mnemic.core.reading import Hit, Query
from mnemic.core.record_times import when_of
from mnemic.core.stage import Scorer
from mnemic.core.view import View
from mnemic.retrieval.cues import asks_latest
from mnemic.retrieval.fusion import ranked_by_score

_DAY = 86_400.0


@dataclass(frozen=True)
class Recency(Scorer):
    """Adds up to ``weight``, halved every ``half_life`` days of age; ``weight`` is in the unit of the scores.

    >>> from mnemic.core.list_view import ListView
    >>> from mnemic.core.record import Record
    >>> from mnemic.core.times import Interval, Times, instant
    >>> def on(i, day):
    ...     return Record(id=i, kind="note", value=i, times=Times(event=Interval(instant(day), instant(day))))
    >>> view = ListView([on("old", "2025-01-01"), on("new", "2025-12-02")])
    >>> hits = [Hit("old", 0.5, "dense"), Hit("new", 0.5, "dense")]
    >>> def order(text):
    ...     return [hit.id for hit in Recency().score(hits, Query(text=text, asked_at=view.now), view)]
    >>> order("Where does she live now?"), order("Where did she live?")
    (['new', 'old'], ['old', 'new'])
    """

    name: ClassVar[str] = "recency"

    weight: float = 0.2
    half_life: float = 30.0

    def score(self, hits: list[Hit], query: Query, view: View) -> list[Hit]:
        """The hits by their new scores, or as they are when the question has no cue."""
        if not asks_latest(query.text):
            return hits
        records = view.get([hit.id for hit in hits])
        out = []
        for hit in hits:
            when = when_of(records[hit.id]) if hit.id in records else None
            if when is None:
                out.append(hit)
                continue
            age = max((query.asked_at - when).total_seconds() / _DAY, 0.0)
            added = self.weight * 2.0 ** (-age / self.half_life)
            out.append(hit.with_score(hit.score + added, recency=added))
        return ranked_by_score(out)
