"""By strength: how strongly a record is remembered joins how well it matches.

    score'(r) = score(r) + weight · strength(r),   or   score(r) · strength(r)

Source: S = cos + 0.1 · p in R. Sumida et al., "LUFY", arXiv 2409.12524, 2024; sim · w in H. Xu et al., "SEDM",
arXiv 2509.09498, 2025.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from mnemic.core.reading import Hit, Query
from mnemic.core.stage import Scorer, Strength
from mnemic.core.view import View
from mnemic.retrieval.fusion import ranked_by_score


@dataclass(frozen=True, kw_only=True)
class ByStrength(Scorer):
    """Re-scores hits by ``strength`` at the time of asking: ``weight`` times it is added; 0 multiplies with it instead.

    ``kinds``: only these kinds of record are re-scored.

    >>> from mnemic.core.list_view import ListView
    >>> from mnemic.core.record import Record, Stats
    >>> from mnemic.evolution.earned_weight import EarnedWeight
    >>> tried = {"a": Stats(failures=3), "b": Stats()}
    >>> view = ListView(Record(id=i, kind="lesson", value=i, stats=stats) for i, stats in tried.items())
    >>> hits = [Hit("a", 0.6, "dense"), Hit("b", 0.5, "dense")]
    >>> query = Query(text="", asked_at=view.now)
    >>> [hit.id for hit in ByStrength(strength=EarnedWeight(), weight=0.0).score(hits, query, view)]
    ['b', 'a']
    """

    name: ClassVar[str] = "by_strength"

    strength: Strength
    weight: float = 0.1
    kinds: tuple[str, ...] | None = None

    def score(self, hits: list[Hit], query: Query, view: View) -> list[Hit]:
        """The hits by their new scores, each with its strength as a part of the strength's name."""
        found = view.get([hit.id for hit in hits])
        records = [r for r in found.values() if self.kinds is None or r.kind in self.kinds]
        weighed = dict(zip((r.id for r in records), self.strength.weigh(records, query.asked_at, view), strict=True))
        out = []
        for hit in hits:
            strength = weighed.get(hit.id)
            if strength is None:
                out.append(hit)
                continue
            score = hit.score + self.weight * strength if self.weight else hit.score * strength
            out.append(hit.with_score(score, **{self.strength.name: strength}))
        return ranked_by_score(out)
