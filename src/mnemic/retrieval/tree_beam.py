"""Tree beam: from the top nodes of a tree down to the leaves, at each level only through the most alike nodes.

    M(1) = top nodes;   M(l) = the ``beam`` inner nodes nearest to q among the children of M(l - 1)
    found = the nearest leaves among all children that were looked at

It compares the question with the children of ``beam`` nodes a level, not with every record. What a wrong turn at the
top hides stays hidden: fuse it with a flat search where that matters.
Source: H. Sun and S. Zeng, "Hierarchical Memory for High-Efficiency Long-Term Reasoning in LLM Agents" (H-MEM), arXiv
2507.22925, 2025.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from mnemic.core.reading import Hit, Query, Sub, Where
from mnemic.core.stage import Channel
from mnemic.core.view import View
from mnemic.retrieval.fusion import ranked_by_score
from mnemic.retrieval.scope import in_scope, narrow

if TYPE_CHECKING:
    from mnemic.core.view import Vector


@dataclass(frozen=True)
class TreeBeam(Channel):
    """The ``k`` nearest leaves that lie below the ``beam`` nearest nodes of each level.

    Parameters: ``key``, the dense key of nodes and leaves; ``roots``, the tier of the top nodes; ``rel``, the relation
    from parent to child; ``beam``, nodes a level; ``depth``, levels at most; ``k``; ``kinds``, only leaves of these;
    ``weight``, for the combiner. A hit's path names the nodes above it.

    >>> from mnemic.core.list_view import ListView
    >>> from mnemic.core.record import Edge, Key, Record
    >>> def node(i, text, tier=""):
    ...     return Record(id=i, kind="note", value=text, keys={"node": Key(text)}, tier=tier)
    >>> view = ListView([node("p", "pets dog cat", "tree-1"), node("w", "work office", "tree-1"),
    ...                  node("d", "the dog barks"), node("o", "office party")],
    ...                 [Edge(src="p", dst="d", rel="child"), Edge(src="w", dst="o", rel="child")])
    >>> sub = Sub(text="dog")
    >>> [(hit.id, hit.path) for hit in TreeBeam(beam=1).search(sub, Query(text="dog", asked_at=view.now), view)]
    [('d', ('p', 'child'))]
    """

    name: ClassVar[str] = "tree_beam"
    needs: ClassVar[tuple[str, ...]] = ("embedder",)

    key: str = "node"
    roots: str = "tree-1"
    rel: str = "child"
    beam: int = 5
    depth: int = 16
    k: int = 100
    kinds: tuple[str, ...] | None = None
    weight: float = 1.0

    def search(self, sub: Sub, query: Query, view: View) -> list[Hit]:
        """Leaves by falling cosine, which each keeps as its part ``cosine``."""
        where = narrow(sub.where, self.kinds)
        if where is None:
            return []
        question = view.tools.embed_query(sub.text)
        paths: dict[str, tuple[str, ...]] = {record.id: () for record in view.scan(Where(tiers=(self.roots,)))}
        leaves: list[Hit] = []
        for _ in range(self.depth):
            nodes = self._scored(question, paths, view)
            children: dict[str, list[str]] = {}
            for edge in view.edges([hit.id for hit in nodes], rels=(self.rel,), direction="out"):
                children.setdefault(edge.src, []).append(edge.dst)
            leaves.extend(hit for hit in nodes if hit.id not in children)
            inner = [hit for hit in nodes if hit.id in children][: self.beam]
            paths = {child: (*hit.path, hit.id, self.rel) for hit in reversed(inner) for child in children[hit.id]}
            if not paths:
                break
        return self._allowed(ranked_by_score(leaves), where, view)

    def _scored(self, question: Vector, paths: dict[str, tuple[str, ...]], view: View) -> list[Hit]:
        cosines = {i: float(question @ row) for i, row in view.vectors(list(paths), key=self.key).items()}
        return ranked_by_score(Hit(i, cosine, self.name, {"cosine": cosine}, paths[i]) for i, cosine in cosines.items())

    def _allowed(self, hits: Iterable[Hit], where: Where, view: View) -> list[Hit]:
        best = {hit.id: hit for hit in reversed(list(hits))}
        ranked = ranked_by_score(best.values())
        kept: list[Hit] = []
        for start in range(0, len(ranked), self.k):
            some = ranked[start : start + self.k]
            allowed = in_scope([hit.id for hit in some], where, view)
            kept.extend(hit for hit in some if hit.id in allowed)
            if len(kept) >= self.k:
                break
        return kept[: self.k]
