"""Weighted sum: each list's scores are calibrated to one scale, weighted and added.

    score(r) = Σ_list w_list · c_list(s(r)),  with c over the scores s_1 ≥ … ≥ s_n of a list:
    minmax       c(s) = (s - s_n) / (s_1 - s_n)                 in 0..1
    theoretical  c(s) = (s - floor) / (s_1 - floor)             in 0..1, however long the list is
    zscore       c(s) = (s - s_n) / σ                           from 0, in standard deviations above the last hit
    quantile     c(s) = share of the list that scores at most s in 0..1

The floor is what a record scores that has nothing to do with the question: 0, and for a cosine, which is never 0,
the least of the list. Every channel is asked for all that any of them found; what it still does not find it gives 0.

Source: S. Bruch, S. Gai and A. Ingber, "An Analysis of Fusion Functions for Hybrid Retrieval", TOIS 2023.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from statistics import pstdev
from typing import ClassVar

from mnemic.core.errors import BadInput
from mnemic.core.reading import Hit, Query, Ranked
from mnemic.core.stage import Combiner
from mnemic.core.view import View
from mnemic.retrieval.fusion import fuse


def minmax(scores: Sequence[float]) -> list[float]:
    """Scores moved to 0..1; all alike give 1.

    >>> minmax([3.0, 2.0, 1.0]), minmax([5.0])
    ([1.0, 0.5, 0.0], [1.0])
    """
    low, high = min(scores, default=0.0), max(scores, default=0.0)
    return [(score - low) / (high - low) if high > low else 1.0 for score in scores]


def zscore(scores: Sequence[float]) -> list[float]:
    """Standard deviations above the list's last score; all alike give 1.

    >>> zscore([3.0, 1.0])
    [2.0, 0.0]
    """
    low, spread = min(scores, default=0.0), pstdev(scores) if scores else 0.0
    return [(score - low) / spread if spread else 1.0 for score in scores]


def quantile(scores: Sequence[float]) -> list[float]:
    """The share of the list that scores at most as much.

    >>> quantile([9.0, 2.0, 2.0, 1.0])
    [1.0, 0.75, 0.75, 0.25]
    """
    rising = sorted(scores)
    return [bisect_right(rising, score) / len(rising) for score in scores]


def theoretical(scores: Sequence[float], floor: float) -> list[float]:
    """The share of the way from the floor to the best score.

    >>> theoretical([4.0, 2.0], 0.0), theoretical([0.75, 0.5, 0.1], 0.25)
    ([1.0, 0.5], [1.0, 0.5, 0.0])
    """
    reach = max(scores, default=0.0) - floor
    return [min(1.0, max(0.0, score - floor) / reach) if reach > 0 else 0.0 for score in scores]


CALIBRATIONS: dict[str, Callable[[Sequence[float]], list[float]]] = {
    "minmax": minmax,
    "zscore": zscore,
    "quantile": quantile,
}
THEORETICAL = "theoretical"


@dataclass(frozen=True)
class WeightedSum(Combiner):
    """Adds calibrated scores, each list by its channel's weight.

    ``normalise`` is minmax, theoretical, zscore or quantile. Raises BadInput on another.

    >>> from mnemic.core.list_view import ListView
    >>> view = ListView([])
    >>> lists = [Ranked([Hit("a", 0.8, "dense"), Hit("b", 0.6, "dense")], "dense()"),
    ...          Ranked([Hit("b", 9.0, "lexical"), Hit("c", 3.0, "lexical")], "lexical()", weight=2.0)]
    >>> hits = WeightedSum().combine(lists, Query(text="", asked_at=view.now), view)
    >>> [(hit.id, hit.score) for hit in hits]
    [('b', 2.0), ('a', 1.0), ('c', 0.0)]
    """

    name: ClassVar[str] = "weighted_sum"
    completes: ClassVar[bool] = True

    normalise: str = "minmax"

    def __post_init__(self) -> None:
        if self.normalise not in (*CALIBRATIONS, THEORETICAL):
            known = ", ".join((*CALIBRATIONS, THEORETICAL))
            raise BadInput(f"weighted_sum.normalise: {self.normalise!r} is unknown; use one of {known}")

    def combine(self, lists: Sequence[Ranked], query: Query, view: View) -> list[Hit]:
        """One ranking; each hit keeps what every list gave it under the list's name."""
        return fuse((ranked, [ranked.weight * value for value in self._calibrated(ranked.hits)]) for ranked in lists)

    def _calibrated(self, hits: Sequence[Hit]) -> list[float]:
        scores = [hit.score for hit in hits]
        if self.normalise != THEORETICAL:
            return CALIBRATIONS[self.normalise](scores)
        cosines = bool(hits) and all(hit.parts.get("cosine") == hit.score for hit in hits)
        return theoretical(scores, min(scores) if cosines else 0.0)
