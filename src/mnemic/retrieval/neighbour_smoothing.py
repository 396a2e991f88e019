"""Neighbour smoothing: what stands next to a good hit is itself more likely to be meant.

score'(r) = score(r) + Σ_{0 < |o| ≤ n} decay^|o| · score(r+o),  over hits of r's session
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from mnemic.core.reading import Hit, Query
from mnemic.core.stage import Scorer
from mnemic.core.view import View
from mnemic.retrieval.fusion import ranked_by_score


@dataclass(frozen=True)
class NeighbourSmoothing(Scorer):
    """Lets scores flow to the hits up to ``before`` and ``after`` turns away, times ``decay`` a turn.

    >>> from mnemic.core.list_view import ListView
    >>> from mnemic.core.record import Record
    >>> view = ListView(Record(id=f"r{i}", kind="episodic", value=str(i), session="s1") for i in range(4))
    >>> hits = [Hit("r3", 1.0, "dense"), Hit("r0", 0.9, "dense"), Hit("r1", 0.8, "dense")]
    >>> query = Query(text="", asked_at=view.now)
    >>> [(hit.id, hit.score) for hit in NeighbourSmoothing(1, 1).score(hits, query, view)]
    [('r0', 1.3), ('r1', 1.25), ('r3', 1.0)]
    """

    name: ClassVar[str] = "neighbour_smoothing"

    before: int = 3
    after: int = 3
    decay: float = 0.5

    def score(self, hits: list[Hit], query: Query, view: View) -> list[Hit]:
        """The hits by their new scores; each keeps what flowed to it as its part ``neighbours``."""
        ids = [hit.id for hit in hits]
        own = {hit.id: hit.score for hit in hits}
        flowed = dict.fromkeys(own, 0.0)
        for rows, step in (
            (view.neighbours(ids, before=self.before, after=0), -1),
            (view.neighbours(ids, before=0, after=self.after), 1),
        ):
            for record_id, row in rows.items():
                for distance, other in enumerate(row[::step], start=1):
                    flowed[record_id] += self.decay**distance * own.get(other, 0.0)
        return ranked_by_score(hit.with_score(hit.score + flowed[hit.id], neighbours=flowed[hit.id]) for hit in hits)
