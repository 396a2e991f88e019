"""Session prior: a hit from a session that was found again and again counts more.

score'(r) = score(r) + weight · mean of the ``best`` highest scores in r's session
"""

from __future__ import annotations

from dataclasses import dataclass
from heapq import nlargest
from typing import ClassVar

from mnemic.core.reading import Hit, Query
from mnemic.core.stage import Scorer
from mnemic.core.view import View
from mnemic.retrieval.fusion import ranked_by_score


@dataclass(frozen=True)
class SessionPrior(Scorer):
    """Adds ``weight`` times what the session's ``best`` hits score on average; missing ones count 0.

    With ``part`` it looks at that part of the scores, such as what a reranker gave ("reranked"): hits without it
    neither give nor get.

    >>> from mnemic.core.list_view import ListView
    >>> from mnemic.core.record import Record
    >>> view = ListView(Record(id=i, kind="episodic", value=i, session=i[0]) for i in ("a1", "b1", "b2"))
    >>> hits = [Hit("a1", 1.0, "dense"), Hit("b1", 0.9, "dense"), Hit("b2", 0.9, "dense")]
    >>> query = Query(text="", asked_at=view.now)
    >>> [hit.id for hit in SessionPrior(weight=0.5, best=2).score(hits, query, view)]
    ['b1', 'b2', 'a1']
    """

    name: ClassVar[str] = "session_prior"

    weight: float = 0.1
    best: int = 3
    part: str = ""

    def score(self, hits: list[Hit], query: Query, view: View) -> list[Hit]:
        """The hits by their new scores; each keeps what was added as its part ``session``."""
        records = view.get([hit.id for hit in hits])
        scores: dict[str, list[float]] = {}
        for hit in hits:
            value = hit.parts.get(self.part) if self.part else hit.score
            if value is not None and hit.id in records and records[hit.id].session:
                scores.setdefault(records[hit.id].session, []).append(value)
        means = {session: sum(nlargest(self.best, found)) / self.best for session, found in scores.items()}
        out = []
        for hit in hits:
            session = records[hit.id].session if hit.id in records else ""
            if session not in means or (self.part and self.part not in hit.parts):
                out.append(hit)
                continue
            added = self.weight * means[session]
            out.append(hit.with_score(hit.score + added, session=added))
        return ranked_by_score(out)
