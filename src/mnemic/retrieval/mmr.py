"""Maximal marginal relevance: each next hit is relevant, and unlike those already chosen.

    next = argmax_r  λ · minmax(score(r)) - (1 - λ) · max_{c chosen} cos(r, c)

Source: J. Carbonell and J. Goldstein, "The Use of MMR, Diversity-Based Reranking", SIGIR 1998.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from mnemic.core.reading import Hit, Query
from mnemic.core.stage import Filter
from mnemic.core.view import View
from mnemic.retrieval.weighted_sum import minmax


@dataclass(frozen=True)
class MaximalMarginalRelevance(Filter):
    """Chooses ``k`` hits one by one; ``lam`` weighs relevance against novelty, 0..1.

    Hits without a vector under ``key`` count as unlike all others.

    >>> from mnemic.core.list_view import ListView
    >>> from mnemic.core.record import Key, Record
    >>> texts = ["green tea", "green tea", "rain"]
    >>> view = ListView(Record(id=str(i), kind="note", value=t, keys={"turn": Key(t)}) for i, t in enumerate(texts))
    >>> hits = [Hit("0", 1.0, "dense"), Hit("1", 0.9, "dense"), Hit("2", 0.5, "dense")]
    >>> query = Query(text="", asked_at=view.now)
    >>> [hit.id for hit in MaximalMarginalRelevance(lam=0.5, k=2).filter(hits, query, view)]
    ['0', '2']
    """

    name: ClassVar[str] = "mmr"
    needs: ClassVar[tuple[str, ...]] = ("embedder",)

    lam: float = 0.7
    k: int = 20
    key: str = "turn"

    def filter(self, hits: list[Hit], query: Query, view: View) -> list[Hit]:
        """The chosen hits in the order of choice, scored by what they were chosen for."""
        if not hits:
            return []
        import numpy as np

        vectors = view.vectors([hit.id for hit in hits], key=self.key)
        width = len(next(iter(vectors.values()))) if vectors else 1
        rows = np.stack([vectors.get(hit.id, np.zeros(width, np.float32)) for hit in hits])
        relevance = self.lam * np.array(minmax([hit.score for hit in hits]))
        likeness = np.zeros(len(hits))
        left = np.ones(len(hits), bool)
        chosen = []
        for _ in range(min(self.k, len(hits))):
            value = np.where(left, relevance - (1 - self.lam) * likeness, -np.inf)
            best = int(np.argmax(value))
            left[best] = False
            chosen.append(hits[best].with_score(float(value[best]), relevance=hits[best].score))
            likeness = np.maximum(likeness, rows @ rows[best])
        return chosen
