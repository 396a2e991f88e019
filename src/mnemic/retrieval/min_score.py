"""Least score: what matches no better than chance is left out, even when nothing better was found.

A cosine means something else to every embedder, so the threshold is a quantile of its random pairs (law 6).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from mnemic.core.reading import Hit, Query
from mnemic.core.stage import Filter
from mnemic.core.view import View


@dataclass(frozen=True)
class MinScore(Filter):
    """Leaves out hits whose part ``part`` is below the threshold; hits without that part stay.

    Parameters: ``part``, the raw score that is looked at; ``least``, the threshold for it; or ``quantile``,
    the share of random pairs that a cosine must be above, which takes the place of ``least``.

    >>> from mnemic.core.list_view import ListView
    >>> view = ListView([])
    >>> hits = [Hit("a", 2, "dense", {"cosine": 0.9}), Hit("b", 1, "dense", {"cosine": 0.2})]
    >>> [hit.id for hit in MinScore(quantile=0.5).filter(hits, Query(text="", asked_at=view.now), view)]
    ['a']
    """

    name: ClassVar[str] = "min_score"

    part: str = "cosine"
    least: float = 0.0
    quantile: float | None = None

    def filter(self, hits: list[Hit], query: Query, view: View) -> list[Hit]:
        """The hits at or above the threshold."""
        least = self.least if self.quantile is None else view.tools.threshold(self.quantile)
        return [hit for hit in hits if hit.parts.get(self.part, least) >= least]
