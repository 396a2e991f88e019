"""Learned score: hits are ranked by the inner product of question and record, and by what feedback added to it.

    score(q, m) = q · m + (A q) · (B m)  [+ explore · Gumbel noise]      while what was learnt does better than nothing

With noise, what was never shown has a chance to be judged. Reading changes nothing: weights move by feedback alone.
Source: the online reranker of Z. Tan et al., "In Prospect and Retrospect" (RMM), arXiv 2503.08026, 2025.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import ClassVar

from mnemic.core.bilinear import Bilinear
from mnemic.core.reading import Hit, Query, Where
from mnemic.core.stage import Scorer
from mnemic.core.view import View
from mnemic.retrieval.fusion import ranked_by_score


@dataclass(frozen=True)
class LearnedScore(Scorer):
    """Ranks the first ``top`` hits by the bank's ranker, if its gain is not below zero; cuts after ``keep``.

    Parameters: ``key``, the dense key that is ranked by; ``top``; ``keep`` (None: all); ``explore``, scale of the
    noise, 0 for none.

    >>> import numpy as np
    >>> from mnemic.core.list_view import ListView
    >>> from mnemic.core.record import Key, Record
    >>> notes = [Record(id=t, kind="semantic", value=t, keys={"said": Key(t)}) for t in ("green tea", "tea pot")]
    >>> plain = ListView(notes)
    >>> rows, question = plain.tools.embed(["green tea", "tea pot"]), plain.tools.embed_query("green tea")
    >>> taught = Bilinear.start(256, rank=8, seed=0)
    >>> for _ in range(60):
    ...     taught = taught.stepped(question, rows, np.array([-1.0, 1.0]), rate=0.1, temperature=0.5)
    >>> fields = {"weights": taught.to_json(), "gain": 0.1}
    >>> ranker = Record(id="w", kind="ranker", value="", fields=fields, labels=("ranker=said",))
    >>> view, hits = ListView([*notes, ranker]), [Hit("green tea", 1.0, "dense"), Hit("tea pot", 0.5, "dense")]
    >>> query = Query(text="green tea", asked_at=view.now)
    >>> [[hit.id for hit in LearnedScore().score(hits, query, seen)] for seen in (plain, view)]
    [['green tea', 'tea pot'], ['tea pot', 'green tea']]
    """

    name: ClassVar[str] = "learned_score"
    needs: ClassVar[tuple[str, ...]] = ("embedder",)

    key: str = "said"
    top: int = 20
    keep: int | None = None
    explore: float = 0.0

    def score(self, hits: list[Hit], query: Query, view: View) -> list[Hit]:
        """The first hits by their learned score, which each keeps as its part ``learned``; the rest below them."""
        found = view.scan(Where(kinds=("ranker",), labels=(f"ranker={self.key}",)), limit=1)
        weights = Bilinear.from_json(found[0].fields["weights"]) if found and found[0].fields["gain"] >= 0 else None
        first, rest = hits[: self.top], hits[self.top :]
        stored = view.vectors([hit.id for hit in first], key=self.key)
        question = view.tools.embed_query(query.text)
        if weights is None or weights.a.shape[1] != len(question) or any(hit.id not in stored for hit in first):
            return hits[: self.keep]
        out = []
        for hit in first:
            learned = float(weights.scores(question, stored[hit.id][None, :])[0])
            noise = -math.log(-math.log(view.tools.rng.uniform(1e-9, 1 - 1e-9))) if self.explore else 0.0
            out.append(hit.with_score(learned + self.explore * noise, learned=learned))
        low = min((hit.score for hit in out), default=0.0)
        out += [hit.with_score(low - place) for place, hit in enumerate(rest, start=1)]
        return ranked_by_score(out)[: self.keep]
