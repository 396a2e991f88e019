"""Query-term coverage: the share of the query's terms that a passage contains.

``score = |terms(query) & terms(passage)| / |terms(query)|``: the coordination factor of classical retrieval,
without term weights. A stand-in for tests and for machines without a model.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from mnemic.core.analysis import terms


class OverlapReranker:
    """Scores passages by the share of the query's distinct terms (stemmed words, no stop words) in them.

    >>> OverlapReranker().score("where did Anna move", ["Anna moved to Lisbon", "Anna", "rain"]).tolist()
    [1.0, 0.5, 0.0]
    """

    @property
    def name(self) -> str:
        """Name of the reranker."""
        return "overlap"

    def score(self, query: str, passages: Sequence[str]) -> NDArray[np.float32]:
        """Score each passage against the query.

        Parameters
        ----------
        query
            The question; without any term all scores are 0.
        passages
            Candidate texts.

        Returns
        -------
        NDArray[np.float32]
            Shape ``(n,)``, values in [0, 1].
        """
        wanted = set(terms(query))
        covered = [len(wanted.intersection(terms(passage))) / max(len(wanted), 1) for passage in passages]
        return np.array(covered, dtype=np.float32)
