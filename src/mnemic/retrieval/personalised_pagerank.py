"""Personalised PageRank: a walk over the edges that keeps coming back to what the question found.

    p = restart · s + (1 - restart) · Wᵀ p,   s = scores of the first hits, W = edge weights, rows of sum one

Solved by power iteration over the part of the graph around the hits. A restart near one stays with the hits; near zero
it forgets the question.
Source: T. Haveliwala, "Topic-Sensitive PageRank", WWW 2002; as retrieval over memories in "From Single to
Multi-Granularity" (MemGAS), arXiv 2505.19549, 2025, and B. Gutiérrez et al., "HippoRAG", arXiv 2405.14831, 2024.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from mnemic.core.reading import Hit, Query
from mnemic.core.record import Edge
from mnemic.core.stage import Expander
from mnemic.core.view import View
from mnemic.retrieval.fusion import ranked_by_score
from mnemic.retrieval.scope import in_scope

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


@dataclass(frozen=True)
class PersonalisedPageRank(Expander):
    """Scores the hits and the records around them by where the walk spends its time.

    Parameters: ``rels``, which relations are walked (None: all), in both directions; ``restart``, the chance to jump
    back at each step, 0..1; ``top``, how many hits are jumped to, in proportion to their positive scores; ``reach``,
    steps away from them that the graph is looked at; ``limit``, records in it at most. The probabilities of all records
    add up to one.

    >>> from mnemic.core.list_view import ListView
    >>> from mnemic.core.record import Record
    >>> view = ListView([Record(id=i, kind="note", value=i) for i in "abcd"],
    ...                 [Edge(src="a", dst="b", rel="similar"), Edge(src="b", dst="c", rel="similar")])
    >>> hits = [Hit("a", 0.9, "dense"), Hit("d", 0.1, "dense")]
    >>> ranked = PersonalisedPageRank().expand(hits, Query(text="", asked_at=view.now), view)
    >>> [(hit.id, round(hit.score, 2)) for hit in ranked]
    [('a', 0.55), ('b', 0.32), ('c', 0.08), ('d', 0.05)]
    """

    name: ClassVar[str] = "personalised_pagerank"

    rels: tuple[str, ...] | None = None
    restart: float = 0.5
    top: int = 15
    reach: int = 3
    limit: int = 2000

    def expand(self, hits: list[Hit], query: Query, view: View) -> list[Hit]:
        """The hits and what is around them by probability, which each keeps as its part ``pagerank``."""
        seeds = {hit.id: hit.score for hit in hits[: self.top] if hit.score > 0}
        if not seeds:
            return hits
        nodes, edges = self._around(hits, query, view)
        ranks = pagerank(list(nodes), edges, seeds, self.restart)
        ranked = []
        for record_id, hit in nodes.items():
            rank = float(ranks[record_id])
            ranked.append(hit.with_score(rank, pagerank=rank))
        return ranked_by_score(ranked)

    def _around(self, hits: Sequence[Hit], query: Query, view: View) -> tuple[dict[str, Hit], list[Edge]]:
        nodes = {hit.id: hit for hit in hits}
        edges: dict[tuple[str, str, str], Edge] = {}
        frontier = [hit.id for hit in hits[: self.top]]
        for _ in range(self.reach):
            found = view.edges(frontier, rels=self.rels, direction="both") if frontier else []
            edges.update(((edge.src, edge.rel, edge.dst), edge) for edge in found)
            here, ways = set(frontier), dict[str, tuple[str, ...]]()
            for edge in found:
                for start, end in ((edge.src, edge.dst), (edge.dst, edge.src)):
                    if start in here and end not in nodes and end not in ways:
                        ways[end] = (*nodes[start].path, start, edge.rel)
            allowed = in_scope(ways, query.where, view)
            frontier = [i for i in ways if i in allowed][: max(self.limit - len(nodes), 0)]
            nodes.update((i, Hit(i, 0.0, self.name, {}, ways[i])) for i in frontier)
        return nodes, [edge for edge in edges.values() if edge.src in nodes and edge.dst in nodes]


def pagerank(
    nodes: Sequence[str], edges: Sequence[Edge], seeds: dict[str, float], restart: float
) -> dict[str, np.float64]:
    """The probability of each node; what has no edges sends the walk back to the seeds.

    >>> ranks = pagerank(["a", "b"], [Edge(src="a", dst="b", rel="next")], {"a": 1.0}, 0.5)
    >>> round(float(ranks["a"]), 3), round(float(ranks["b"]), 3)
    (0.667, 0.333)
    """
    import numpy as np

    place = {node: number for number, node in enumerate(nodes)}
    start: NDArray[np.float64] = np.zeros(len(nodes))
    for node, score in seeds.items():
        start[place[node]] += score
    start /= start.sum()
    ends = np.array([(place[edge.src], place[edge.dst]) for edge in edges], dtype=np.intp).reshape(-1, 2)
    sources, targets = np.concatenate([ends[:, 0], ends[:, 1]]), np.concatenate([ends[:, 1], ends[:, 0]])
    weights = np.tile(np.array([max(edge.weight, 0.0) for edge in edges]), 2)
    leaving = np.bincount(sources, weights, minlength=len(nodes)) if len(edges) else np.zeros(len(nodes))
    shares = weights / np.where(leaving[sources] > 0, leaving[sources], 1.0)
    ranks = start.copy()
    for _ in range(200):
        walked = np.bincount(targets, ranks[sources] * shares, minlength=len(nodes)) if len(edges) else 0.0 * ranks
        stuck = ranks[leaving <= 0].sum()
        moved = restart * start + (1 - restart) * (walked + stuck * start)
        if np.abs(moved - ranks).sum() < 1e-10:
            break
        ranks = moved
    return dict(zip(nodes, ranks, strict=True))
