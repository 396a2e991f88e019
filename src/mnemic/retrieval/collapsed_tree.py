"""Collapsed tree: summaries of every level and the leaves below them in one search, each measured by its own level.

    score(r) = (cos(q, r) - mean of r's level) / deviation of r's level

A summary is nearer to every question on average than a leaf, and a leaf varies more: raw cosines would compare grains.
Levels of few nodes borrow mean and deviation from the whole tree, as if they held ``few`` nodes more of its kind.
Source: the collapsed search of A. Rezazadeh et al., "MemTree", arXiv 2410.14052, 2024, and P. Sarthi et al., "RAPTOR",
arXiv 2401.18059, 2024; the calibration is ours.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import fmean
from typing import ClassVar

from mnemic.core.reading import Hit, Query, Sub, Where
from mnemic.core.stage import Channel
from mnemic.core.view import View
from mnemic.retrieval.fusion import ranked_by_score
from mnemic.retrieval.scope import narrow


@dataclass(frozen=True)
class CollapsedTree(Channel):
    """The ``k`` best nodes of all levels.

    Parameters: ``key``, the dense key of all nodes; ``leaves`` and ``inner``, the kinds at the bottom and above it;
    ``prefix`` of the tiers, counted from 1 to ``depth``, by which the inner nodes are told apart; ``few``; ``sample``,
    how many cosines of a level its mean and deviation are taken from; ``k``; ``weight``, for the combiner.

    >>> from mnemic.core.list_view import ListView
    >>> from mnemic.core.record import Key, Record
    >>> def node(i, kind, text, tier="tree-2"):
    ...     return Record(id=i, kind=kind, value=text, keys={"node": Key(text)}, tier=tier)
    >>> view = ListView([node("s", "summary", "dog and cat", "tree-1"), node("d", "episodic", "dog barks"),
    ...                  node("c", "episodic", "cat sleeps")])
    >>> sub = Sub(text="dog barks")
    >>> [hit.id for hit in CollapsedTree(few=2).search(sub, Query(text=sub.text, asked_at=view.now), view)]
    ['d', 's', 'c']
    """

    name: ClassVar[str] = "collapsed_tree"
    needs: ClassVar[tuple[str, ...]] = ("embedder",)

    key: str = "node"
    leaves: tuple[str, ...] = ("episodic",)
    inner: tuple[str, ...] = ("summary",)
    prefix: str = "tree-"
    depth: int = 16
    few: int = 50
    sample: int = 1000
    k: int = 100
    weight: float = 1.0

    def search(self, sub: Sub, query: Query, view: View) -> list[Hit]:
        """Hits by deviations above their level, which each keeps as its part ``level``, beside its ``cosine``."""
        question = view.tools.embed_query(sub.text)
        levels = [narrow(sub.where, self.leaves)]
        tiers = [f"{self.prefix}{depth}" for depth in range(1, self.depth + 1)]
        inner = narrow(sub.where, self.inner)
        levels += [inner.and_(tiers=(tier,)) for tier in tiers] if inner is not None else []
        found = [self._level(question, level, view) for level in levels if level is not None]
        everything = [hit.score for hits in found for hit in hits]
        if not everything:
            return []
        mean, variance = _moments(everything)
        out: list[Hit] = []
        for hits in found:
            own_mean, own_variance = _moments([hit.score for hit in hits])
            share = len(hits) / (len(hits) + self.few) if hits else 0.0
            centre = share * own_mean + (1 - share) * mean
            spread = (share * own_variance + (1 - share) * variance) ** 0.5 or 1.0
            out += [hit.with_score((hit.score - centre) / spread, level=(hit.score - centre) / spread) for hit in hits]
        return ranked_by_score(out)[: self.k]

    def _level(self, question: object, where: Where, view: View) -> list[Hit]:
        hits = view.dense(question, key=self.key, k=self.sample, where=where)  # type: ignore[arg-type]
        return [Hit(hit.id, hit.score, self.name, {"cosine": hit.score}) for hit in hits]


def _moments(scores: Sequence[float]) -> tuple[float, float]:
    mean = fmean(scores) if scores else 0.0
    return mean, fmean((score - mean) ** 2 for score in scores) if scores else 0.0
