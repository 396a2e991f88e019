"""Pinned: records of one tier stand in front of what the question found, whatever it asks.

Source: the core memory of C. Packer et al., "MemGPT", arXiv 2310.08560, 2023; the working memory of Z. Li et al.,
"MemOS", arXiv 2507.03724, 2025.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from mnemic.core.reading import Hit, Query
from mnemic.core.stage import Expander
from mnemic.core.view import View
from mnemic.retrieval.fusion import ranked_by_score


@dataclass(frozen=True)
class Pinned(Expander):
    """Puts the records of ``tier`` that the question may see first, the newest ``most`` in ``tokens`` at most.

    >>> from mnemic.core.list_view import ListView
    >>> from mnemic.core.record import Record
    >>> view = ListView([Record(id="a", kind="semantic", value="is allergic to nuts", tier="core"),
    ...                  Record(id="b", kind="semantic", value="likes tea")])
    >>> [hit.id for hit in Pinned().expand([Hit("b", 0.8, "dense")], Query(text="", asked_at=view.now), view)]
    ['a', 'b']
    """

    name: ClassVar[str] = "pinned"

    tier: str = "core"
    most: int = 20
    tokens: int = 300

    def expand(self, hits: list[Hit], query: Query, view: View) -> list[Hit]:
        """The pinned records, those that were found too with what they were found by, then the other hits."""
        found = {hit.id: hit for hit in hits}
        best = max((hit.score for hit in hits), default=0.0)
        front, left = [], self.tokens
        for record in view.scan(query.where.and_(tiers=(self.tier,)), limit=self.most, newest_first=True):
            left -= view.tools.count_tokens(record.shown())
            if left < 0:
                break
            known = found.get(record.id, Hit(record.id, best, self.name))
            front.append(known.with_score(best + 1.0, pinned=1.0))
        taken = {hit.id for hit in front}
        return ranked_by_score([*front, *(hit for hit in hits if hit.id not in taken)])
