"""Lexical score: hits that were found another way are ordered by the words that they share with the question.

score'(r) = BM25(q, r) / max BM25 + keep · score(r)
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from mnemic.core.reading import Hit, Query
from mnemic.core.stage import Scorer
from mnemic.core.view import View
from mnemic.retrieval.fusion import ranked_by_score


@dataclass(frozen=True)
class LexicalScore(Scorer):
    """Scores hits by BM25 over the lexical ``key``; ``keep`` is what counts of the score that they came with.

    >>> from mnemic.core.list_view import ListView
    >>> from mnemic.core.record import Key, Record
    >>> view = ListView(Record(id=t, kind="triple", value=t, keys={"said": Key(t)}) for t in ("a tea", "b rain"))
    >>> hits = [Hit("a tea", 0.5, "linked"), Hit("b rain", 0.5, "linked")]
    >>> [hit.id for hit in LexicalScore().score(hits, Query(text="Did it rain?", asked_at=view.now), view)]
    ['b rain', 'a tea']
    """

    name: ClassVar[str] = "lexical_score"

    key: str = "said"
    keep: float = 0.0

    def score(self, hits: list[Hit], query: Query, view: View) -> list[Hit]:
        """The hits by words in common, each with its part ``bm25``."""
        where = query.where.and_(ids=tuple(hit.id for hit in hits))
        found = view.lexical(query.text, key=self.key, k=len(hits), where=where) if hits else []
        scores = {hit.id: hit.score for hit in found}
        best = max(scores.values(), default=0.0) or 1.0
        return ranked_by_score(
            hit.with_score(scores.get(hit.id, 0.0) / best + self.keep * hit.score, bm25=scores.get(hit.id, 0.0))
            for hit in hits
        )
