"""Reciprocal rank fusion: lists are joined by the places of their hits, whatever their scores mean.

    score(r) = Σ_list w_list / (k + rank_list(r)),  ranks from 1

Source: G. V. Cormack, C. L. A. Clarke and S. Büttcher, "Reciprocal Rank Fusion outperforms Condorcet and
individual Rank Learning Methods", SIGIR 2009.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from mnemic.core.reading import Hit, Query, Ranked
from mnemic.core.stage import Combiner
from mnemic.core.view import View
from mnemic.retrieval.fusion import fuse


@dataclass(frozen=True)
class ReciprocalRankFusion(Combiner):
    """Joins lists by rank; ``k`` damps the lead of the first places (60 in the paper).

    >>> from mnemic.core.list_view import ListView
    >>> view = ListView([])
    >>> lists = [Ranked([Hit("a", 9, "dense"), Hit("b", 8, "dense")], "dense()"),
    ...          Ranked([Hit("b", 0.3, "lexical")], "lexical()")]
    >>> [hit.id for hit in ReciprocalRankFusion().combine(lists, Query(text="", asked_at=view.now), view)]
    ['b', 'a']
    """

    name: ClassVar[str] = "rrf"

    k: float = 60.0

    def combine(self, lists: Sequence[Ranked], query: Query, view: View) -> list[Hit]:
        """One ranking; each hit keeps what every list gave it under the list's name."""
        return fuse(
            (ranked, [ranked.weight / (self.k + rank) for rank in range(1, len(ranked.hits) + 1)]) for ranked in lists
        )
