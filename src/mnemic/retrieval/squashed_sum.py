"""Squashed sum: cosine, a BM25 score squashed by the question's length, and a bonus for named entities, added.

    score(r) = ( cos + σ(s · (bm25 - m)) + boost · e ) / (2 + boost)
    e = max over the question's names that r carries of 1 / (1 + 0.001 (n - 1)²),   n = records that carry the name
    (m, s) by the question's terms:  ≤ 3: (5, 0.7)   ≤ 6: (7, 0.6)   ≤ 9: (9, 0.5)   ≤ 15: (10, 0.5)   more: (12, 0.5)

A longer question sums more BM25 terms, so the middle of the logistic moves with its length. Whom every other record
speaks of tells records apart no more. No score is stretched over its list, so that a list of bad hits stays bad.
Source: the third version of P. Chhikara et al., "Mem0" (arXiv 2504.19413), as released by mem0ai in 2026.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from mnemic.core.analysis import terms
from mnemic.core.reading import Hit, Query, Ranked
from mnemic.core.stage import Combiner
from mnemic.core.view import View
from mnemic.retrieval.fusion import fuse
from mnemic.retrieval.names import named

_CURVES = ((3, 5.0, 0.7), (6, 7.0, 0.6), (9, 9.0, 0.5), (15, 10.0, 0.5))
_LONGEST = (12.0, 0.5)


def squashed(bm25: float, length: int) -> float:
    """A BM25 score in 0..1, by the number of terms in the question.

    >>> squashed(5.0, 2), squashed(0.0, 20) < 0.01
    (0.5, True)
    """
    middle, steep = next(((m, s) for most, m, s in _CURVES if length <= most), _LONGEST)
    return 1.0 / (1.0 + math.exp(-steep * (bm25 - middle)))


@dataclass(frozen=True)
class SquashedSum(Combiner):
    """Adds what dense, lexical and entity lists give; what a list does not hold counts nothing there.

    ``boost`` is the most that entities may add, beside 1 for each of the others.

    >>> from mnemic.core.list_view import ListView
    >>> view = ListView([])
    >>> lists = [Ranked([Hit("a", 0.6, "dense", {"cosine": 0.6}), Hit("b", 0.5, "dense", {"cosine": 0.5})], "dense"),
    ...          Ranked([Hit("b", 9.0, "lexical", {"bm25": 9.0})], "lexical")]
    >>> hits = SquashedSum().combine(lists, Query(text="green tea", asked_at=view.now), view)
    >>> [(hit.id, round(hit.score, 2)) for hit in hits]
    [('b', 0.58), ('a', 0.24)]
    """

    name: ClassVar[str] = "squashed_sum"
    completes: ClassVar[bool] = True

    boost: float = 0.5

    def combine(self, lists: Sequence[Ranked], query: Query, view: View) -> list[Hit]:
        """One ranking; each hit keeps what every list gave it under the list's name."""
        length = len(terms(query.text))
        whole = 2.0 + self.boost
        return fuse(
            (ranked, [ranked.weight * value / whole for value in self._given(ranked.hits, query, length, view)])
            for ranked in lists
        )

    def _given(self, hits: Sequence[Hit], query: Query, length: int, view: View) -> list[float]:
        told = self._told([hit.id for hit in hits if "entity" in hit.parts], query, view)
        out = []
        for hit in hits:
            if "bm25" in hit.parts:
                out.append(squashed(hit.parts["bm25"], length))
            elif "entity" in hit.parts:
                out.append(self.boost * told.get(hit.id, 0.0))
            else:
                out.append(max(hit.score, 0.0))
        return out

    def _told(self, ids: Sequence[str], query: Query, view: View) -> dict[str, float]:
        if not ids:
            return {}
        counts = view.facts("entity")
        weight = {name: 1.0 / (1.0 + 0.001 * (counts[name] - 1) ** 2) for name in named(query.text, counts)}
        return {
            i: max((weight.get(entity.casefold(), 0.0) for entity in record.entities), default=0.0)
            for i, record in view.get(ids).items()
        }
