"""Time told: a question for a time is answered by a turn that speaks of one.

score'(r) = score(r) + weight · [the question is for a time] · [r has words that place it in time]
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from mnemic.core.reading import Hit, Query
from mnemic.core.stage import Scorer
from mnemic.core.view import View
from mnemic.retrieval.cues import asks_time, tells_time
from mnemic.retrieval.fusion import ranked_by_score


@dataclass(frozen=True)
class TimeTold(Scorer):
    """Adds ``weight``, in the unit of the scores, to turns that tell a time when the question is for one.

    >>> from mnemic.core.list_view import ListView
    >>> from mnemic.core.record import Record
    >>> view = ListView([Record(id="r0", kind="episodic", value="We moved to Lisbon"),
    ...                  Record(id="r1", kind="episodic", value="We moved last week")])
    >>> hits = [Hit("r0", 0.5, "dense"), Hit("r1", 0.45, "dense")]
    >>> query = Query(text="When did they move?", asked_at=view.now)
    >>> [hit.id for hit in TimeTold(weight=0.1).score(hits, query, view)]
    ['r1', 'r0']
    """

    name: ClassVar[str] = "time_told"

    weight: float = 0.1

    def score(self, hits: list[Hit], query: Query, view: View) -> list[Hit]:
        """The hits by their new scores, or as they are when the question is not for a time."""
        if not asks_time(query.text):
            return hits
        records = view.get([hit.id for hit in hits])
        return ranked_by_score(
            hit.with_score(hit.score + self.weight, time_told=self.weight)
            if hit.id in records and tells_time(records[hit.id].value)
            else hit
            for hit in hits
        )
