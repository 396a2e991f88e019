"""Linked: what edges lead to from a hit comes along, weaker with every step.

score(r) = max over paths from a hit h:  score(h) · Π_edges decay · weight(edge)
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from mnemic.core.reading import Hit, Query
from mnemic.core.stage import Expander
from mnemic.core.view import View
from mnemic.retrieval.fusion import ranked_by_score
from mnemic.retrieval.scope import in_scope


@dataclass(frozen=True)
class Linked(Expander):
    """Adds records up to ``hops`` edges away from the first ``top`` hits.

    Parameters: ``rels``, which relations are followed (None: all); ``hops``; ``decay`` a hop, 0..1;
    ``direction``, out, in or both; ``top``, from how many hits (0: all).

    >>> from mnemic.core.list_view import ListView
    >>> from mnemic.core.record import Edge, Record
    >>> view = ListView([Record(id=i, kind="note", value=i) for i in "abc"],
    ...                 [Edge(src="a", dst="b", rel="cause"), Edge(src="b", dst="c", rel="next")])
    >>> hits = Linked(hops=2).expand([Hit("a", 1.0, "dense")], Query(text="", asked_at=view.now), view)
    >>> [(hit.id, hit.score, hit.path) for hit in hits]
    [('a', 1.0, ()), ('b', 0.5, ('a', 'cause')), ('c', 0.25, ('a', 'cause', 'b', 'next'))]
    """

    name: ClassVar[str] = "linked"

    rels: tuple[str, ...] | None = None
    hops: int = 1
    decay: float = 0.5
    direction: str = "both"
    top: int = 0

    def expand(self, hits: list[Hit], query: Query, view: View) -> list[Hit]:
        """The hits and what they are linked to, by score; a record that was found itself keeps its score."""
        found = {hit.id: hit for hit in hits}
        reached: dict[str, Hit] = {}
        frontier = hits[: self.top] if self.top else list(hits)
        for _ in range(self.hops):
            beyond: dict[str, Hit] = {}
            here = {hit.id: hit for hit in frontier}
            for edge in view.edges(list(here), rels=self.rels, direction=self.direction):
                for start, end in ((edge.src, edge.dst), (edge.dst, edge.src)):
                    if start not in here or end in found or not self._follows(start == edge.src):
                        continue
                    score = here[start].score * self.decay * edge.weight
                    known = beyond.get(end) or reached.get(end)
                    if known is None or score > known.score:
                        path = (*here[start].path, start, edge.rel)
                        beyond[end] = Hit(end, score, self.name, {"linked": score}, path)
            allowed = in_scope(beyond, query.where, view)
            frontier = [hit for hit in beyond.values() if hit.id in allowed]
            reached.update((hit.id, hit) for hit in frontier)
        return ranked_by_score([*hits, *reached.values()])

    def _follows(self, forwards: bool) -> bool:
        return self.direction == "both" or self.direction == ("out" if forwards else "in")
