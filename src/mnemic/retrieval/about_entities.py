"""About entities: the question's names lead to entities, and these to what is told about them.

    e(entity) = max over the names in the question, and the question itself, of cos(E(name), E(entity))
    score(r) = cos(q, r) + lead · max over its entities of 1 / (rank + 1)

Source: the search of Z. Huang et al., "LiCoMemory", arXiv 2511.01448, 2025.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from mnemic.core.names import find_names
from mnemic.core.reading import Hit, Query, Sub, Where
from mnemic.core.stage import Channel
from mnemic.core.view import View
from mnemic.retrieval.fusion import ranked_by_score
from mnemic.retrieval.scope import in_scope, narrow


@dataclass(frozen=True)
class AboutEntities(Channel):
    """The ``k`` best records with an ``about`` edge to one of the best entities.

    Parameters: ``entities``, how many are followed; ``name_key``, under which entities are found; ``key``, under which
    records are compared with the question; ``lead``, what the rank of an entity is worth; ``kinds``, only these kinds
    of record; ``k``; ``weight``, for the combiner. A hit's path names its entity.

    >>> from mnemic.core.list_view import ListView
    >>> from mnemic.core.record import Edge, Key, Record
    >>> def triple(i, text):
    ...     return Record(id=i, kind="triple", value=text, keys={"said": Key(text)})
    >>> anna = Record(id="e", kind="entity", value="Anna", keys={"name": Key("Anna")})
    >>> view = ListView([anna, triple("a", "Anna likes tea"), triple("b", "Anna has a boat"), triple("c", "Rain fell")],
    ...                 [Edge(src="a", dst="e", rel="about"), Edge(src="b", dst="e", rel="about")])
    >>> sub = Sub(text="Which boat has Anna?")
    >>> [hit.id for hit in AboutEntities().search(sub, Query(text=sub.text, asked_at=view.now), view)]
    ['b', 'a']
    """

    name: ClassVar[str] = "about_entities"
    needs: ClassVar[tuple[str, ...]] = ("embedder",)

    entities: int = 5
    name_key: str = "name"
    key: str = "said"
    lead: float = 0.2
    kinds: tuple[str, ...] | None = None
    k: int = 40
    weight: float = 1.0

    def search(self, sub: Sub, query: Query, view: View) -> list[Hit]:
        """Hits by score, which each keeps as its parts ``cosine`` and ``lead``."""
        where = narrow(sub.where, self.kinds)
        found = self._entities(sub, view)
        if where is None or not found:
            return []
        lead: dict[str, tuple[float, str]] = {}
        places = {entity: place for place, entity in enumerate(found)}
        for edge in view.edges(found, rels=("about",), direction="in"):
            worth = self.lead / (places[edge.dst] + 1)
            lead[edge.src] = max(lead.get(edge.src, (0.0, "")), (worth, edge.dst))
        allowed = in_scope(lead, where, view)
        question = view.tools.embed_query(sub.text)
        hits = []
        for record_id, row in view.vectors(list(allowed), key=self.key).items():
            cosine, (worth, entity) = float(question @ row), lead[record_id]
            parts = {"cosine": cosine, "lead": worth}
            hits.append(Hit(record_id, cosine + worth, self.name, parts, (entity, "about")))
        return ranked_by_score(hits)[: self.k]

    def _entities(self, sub: Sub, view: View) -> list[str]:
        names = list(dict.fromkeys([*(sub.entities or find_names(sub.text)), sub.text]))
        best: dict[str, float] = {}
        for row in view.tools.embed(names):
            for hit in view.dense(row, key=self.name_key, k=self.entities, where=Where(kinds=("entity",))):
                best[hit.id] = max(hit.score, best.get(hit.id, -1.0))
        return sorted(best, key=lambda entity: -best[entity])[: self.entities]
