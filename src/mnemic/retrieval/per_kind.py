"""Per kind: every kind of record gets its own places, so that kinds never compete by raw score (law 5).

    order: 1st of each kind, 2nd of each kind, ...;   score(r) = 1 / (rank of r within its kind)

Source: quotas per memory type in D. Patel and S. Patel, "ENGRAM", arXiv 2511.12960, 2025.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import ClassVar

from mnemic.core.reading import Hit, Query, Ranked
from mnemic.core.stage import Combiner
from mnemic.core.view import View
from mnemic.retrieval.fusion import ranked_by_score
from mnemic.retrieval.rrf import ReciprocalRankFusion


@dataclass(frozen=True)
class PerKind(Combiner):
    """The union of the first ``quota`` hits of each kind.

    Parameters: ``quota``, hits a kind; ``quotas``, other numbers for the kinds named; ``combiner``, how the
    lists are joined within a kind.

    >>> from mnemic.core.list_view import ListView
    >>> from mnemic.core.record import Record
    >>> kinds = {"a": "episodic", "b": "episodic", "c": "semantic"}
    >>> view = ListView(Record(id=i, kind=kind, value=i) for i, kind in kinds.items())
    >>> lists = [Ranked([Hit(i, 1, "dense") for i in "abc"], "dense()")]
    >>> hits = PerKind(quotas={"episodic": 1}).combine(lists, Query(text="", asked_at=view.now), view)
    >>> [hit.id for hit in hits]
    ['a', 'c']
    """

    name: ClassVar[str] = "per_kind"

    quota: int = 25
    quotas: Mapping[str, int] = field(default_factory=dict)
    combiner: Combiner = field(default_factory=ReciprocalRankFusion)

    def combine(self, lists: Sequence[Ranked], query: Query, view: View) -> list[Hit]:
        """One ranking; each hit keeps what every list gave it, and its rank within its kind."""
        joined = self.combiner.combine(lists, query, view)
        records = view.get([hit.id for hit in joined])
        ranks: dict[str, int] = {}
        out = []
        for hit in joined:
            if hit.id not in records:
                continue
            kind = records[hit.id].kind
            rank = ranks[kind] = ranks.get(kind, 0) + 1
            if rank <= self.quotas.get(kind, self.quota):
                out.append(hit.with_score(1 / rank, rank_in_kind=float(rank)))
        return ranked_by_score(out)
