"""Entity nodes channel: the nodes of an entity graph that the question's names stand for.

    score(node) = max over names in the question of cos(E(name), E(node)),   above θ

Source: the graph search of P. Chhikara et al., "Mem0", arXiv 2504.19413, 2025.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from mnemic.core.names import canonical_name, find_names
from mnemic.core.reading import Hit, Query, Sub
from mnemic.core.stage import Channel
from mnemic.core.view import View
from mnemic.retrieval.fusion import ranked_by_score
from mnemic.retrieval.scope import narrow


@dataclass(frozen=True)
class EntityNodes(Channel):
    """Up to ``k`` nodes for each name of the sub-query (its entities, else the names in its words).

    Parameters: ``key``, the dense key of a node's name; ``k``; ``quantile`` of random pairs and ``strictness``, how far
    from there to identical, that a node must reach; ``weight``, for the combiner.

    >>> from mnemic.core.list_view import ListView
    >>> from mnemic.core.record import Key, Record
    >>> view = ListView(Record(id=n, kind="entity", value=n, keys={"name": Key(n)}) for n in ("anna", "lisbon"))
    >>> sub = Sub(text="Where does Anna row?")
    >>> [hit.id for hit in EntityNodes().search(sub, Query(text=sub.text, asked_at=view.now), view)]
    ['anna']
    """

    name: ClassVar[str] = "entity_nodes"
    needs: ClassVar[tuple[str, ...]] = ("embedder",)

    key: str = "name"
    k: int = 5
    quantile: float = 0.99
    strictness: float = 0.5
    weight: float = 1.0

    def search(self, sub: Sub, query: Query, view: View) -> list[Hit]:
        """Hits by falling cosine, which each keeps as its part ``cosine``."""
        where = narrow(sub.where, ("entity",))
        names = [canonical_name(name) for name in sub.entities or find_names(sub.text)]
        if where is None or not names:
            return []
        base = view.tools.threshold(self.quantile)
        limit = base + self.strictness * (1.0 - base)
        best: dict[str, float] = {}
        for vector in view.tools.embed(list(dict.fromkeys(names))):
            for hit in view.dense(vector, key=self.key, k=self.k, where=where):
                if hit.score >= limit:
                    best[hit.id] = max(hit.score, best.get(hit.id, 0.0))
        return ranked_by_score(Hit(i, score, self.name, {"cosine": score}) for i, score in best.items())
