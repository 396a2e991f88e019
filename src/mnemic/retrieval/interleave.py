"""Interleave: every sub-query puts its best hits in front in turn, so that no half of a question is left out.

order: 1st of each sub-query, 2nd of each, ...;   score(r) = 1 / (place in that order)
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import zip_longest
from typing import ClassVar

from mnemic.core.reading import Hit, Query, Ranked
from mnemic.core.stage import Combiner
from mnemic.core.view import View
from mnemic.retrieval.rrf import ReciprocalRankFusion


@dataclass(frozen=True)
class Interleave(Combiner):
    """Round robin over sub-queries; ``combiner`` joins the lists of each one first.

    >>> from mnemic.core.list_view import ListView
    >>> view = ListView([])
    >>> def found(sub, ids):
    ...     return Ranked([Hit(i, 1, "dense") for i in ids], "dense()", sub)
    >>> hits = Interleave().combine([found(0, "abc"), found(1, "ax")], Query(text="", asked_at=view.now), view)
    >>> [hit.id for hit in hits]
    ['a', 'b', 'x', 'c']
    """

    name: ClassVar[str] = "interleave"

    combiner: Combiner = field(default_factory=ReciprocalRankFusion)

    def combine(self, lists: Sequence[Ranked], query: Query, view: View) -> list[Hit]:
        """One ranking; each hit keeps what every list gave it under the list's name."""
        subs: dict[int, list[Ranked]] = {}
        for ranked in lists:
            subs.setdefault(ranked.sub, []).append(ranked)
        joined = [self.combiner.combine(group, query, view) for _, group in sorted(subs.items())]
        order: dict[str, Hit] = {}
        for row in zip_longest(*joined):
            for hit in row:
                if hit is None:
                    continue
                first = order.setdefault(hit.id, hit)
                if first is not hit:
                    first.parts.update({name: value for name, value in hit.parts.items() if name not in first.parts})
        return [hit.with_score(1 / place) for place, hit in enumerate(order.values(), start=1)]
