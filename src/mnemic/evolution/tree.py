"""Tree: a new record walks down from the root, deeper only where it is alike enough, and folds on its way.

    θ(d) = θ0 · exp(λ · d / D),  θ0 = θ(quantile) of random pairs;   descend to the most alike child while cos ≥ θ(d)

Deeper means stricter and more detailed. Where the walk ends at a leaf, a new inner node takes the leaf's place and
both leaves hang below it; every ancestor is folded anew. Depth is a record's tier, parent to child an edge.
Source: A. Rezazadeh et al., "From Isolated Conversations to Hierarchical Schemas: Dynamic Tree Memory
Representation for LLMs" (MemTree), arXiv 2410.14052, 2024.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, ClassVar

from mnemic.core.op import Op
from mnemic.core.reading import Where
from mnemic.core.record import Edge, Key, Record
from mnemic.core.stage import Fold, Linker
from mnemic.core.view import View
from mnemic.evolution.extractive import Extractive

if TYPE_CHECKING:
    from mnemic.core.view import Vector


def tier_of(depth: int) -> str:
    """The tier of a node: top nodes, below the root that holds nothing, have depth 1.

    >>> tier_of(1)
    'tree-1'
    """
    return f"tree-{depth}"


@dataclass(frozen=True)
class Tree(Linker):
    """Hangs new records into the tree.

    Parameters: ``key``, the dense key that is compared; ``fold``, how an inner node's text is made; ``quantile`` of
    random pairs at the root, 0..1; ``growth`` λ and ``depth`` D of the threshold; ``tokens``, the budget of an
    inner node. The leaf that is split keeps its id and moves one level down, so that what cites it still does.

    >>> from mnemic.core.list_view import ListView
    >>> def fact(i, text):
    ...     return Record(id=i, kind="episodic", value=text, tier="tree-1", keys={"node": Key(text)})
    >>> ops = Tree(quantile=0.3).link([fact("n1", "green tea cup")], ListView([fact("r1", "green tea")]))
    >>> [op.kind for op in ops]
    ['ADD', 'MOVE', 'MOVE', 'LINK', 'MOVE', 'LINK', 'UPDATE']
    """

    name: ClassVar[str] = "tree"
    needs: ClassVar[tuple[str, ...]] = ("embedder",)

    key: str = "node"
    fold: Fold = field(default_factory=Extractive)
    quantile: float = 0.99
    growth: float = 0.5
    depth: int = 8
    tokens: int = 120

    def link(self, new: Sequence[Record], view: View) -> Iterable[Op]:
        """The ops of each insertion, one after the other."""
        walk = _Walk(self, view)
        for record in new:
            if record.key_text(self.key):
                walk.insert(record)
        return walk.ops


@dataclass(slots=True)
class _Walk:
    """The tree as it stands while new records enter: what the view holds, and what was changed on top of it."""

    stage: Tree
    view: View
    ops: list[Op] = field(default_factory=list)
    nodes: dict[str, Record] = field(default_factory=dict)
    children: dict[str, list[str]] = field(default_factory=dict)
    vectors: dict[str, Vector] = field(default_factory=dict)

    def insert(self, leaf: Record) -> None:
        """Walk, attach, fold."""
        vector = self._put(leaf)
        path: list[str] = []
        base = self.view.tools.threshold(self.stage.quantile)
        while True:
            limit = base * math.exp(self.stage.growth * len(path) / self.stage.depth)
            child, cosine = self._nearest(vector, path, leaf.id)
            if child is None or cosine < limit:
                break
            if not self._children(child):
                path.append(self._split(child, path))
                break
            path.append(child)
        self._hang(leaf.id, path)
        for ancestor in path:
            self._refold(ancestor, leaf)

    def _put(self, node: Record) -> Vector:
        self.nodes[node.id] = node
        vector: Vector = self.view.tools.embed([node.key_text(self.stage.key)])[0]
        self.vectors[node.id] = vector
        return vector

    def _nearest(self, vector: Vector, path: list[str], leaf: str) -> tuple[str | None, float]:
        depth = len(path) + 1
        scores: dict[str, float] = {}
        if path:
            wanted = [i for i in self._children(path[-1]) if i != leaf]
            stored = self.view.vectors([i for i in wanted if i not in self.vectors], key=self.stage.key)
            scores = {i: float(vector @ self.vectors.get(i, stored.get(i, 0 * vector))) for i in wanted}
        else:
            found = self.view.dense(vector, key=self.stage.key, k=1 + len(self.nodes), where=Where(tiers=(tier_of(1),)))
            scores = {hit.id: hit.score for hit in found if hit.id not in self.nodes}
            changed = [i for i, node in self.nodes.items() if node.tier == tier_of(depth) and i != leaf]
            scores.update({i: float(vector @ self.vectors[i]) for i in changed})
        best = max(scores, key=lambda i: scores[i], default=None)
        return best, scores[best] if best is not None else 0.0

    def _children(self, node: str) -> list[str]:
        if node not in self.children:
            found = self.view.edges([node], rels=("child",), direction="out")
            current = self.view.get([edge.dst for edge in found])
            self.children[node] = [i for i, record in current.items() if record.state == "active"]
        return self.children[node]

    def _node(self, node: str) -> Record:
        if node not in self.nodes:
            self._put(self.view.get([node])[node])
        return self.nodes[node]

    def _split(self, leaf: str, path: list[str]) -> str:
        """Put an inner node in a leaf's place and hang the leaf below it."""
        old = self._node(leaf)
        made = self._folded(None, [old]).with_(id=self.view.tools.new_id())
        self.ops.append(Op.add(made, actor=self.stage.name))
        self._put(made)
        self.children[made.id] = []
        if path:
            self.ops.append(Op.unlink(Edge(src=path[-1], dst=leaf, rel="child"), actor=self.stage.name))
            self._children(path[-1]).remove(leaf)
        self._hang(made.id, path)
        self._hang(leaf, [*path, made.id])
        return made.id

    def _hang(self, node: str, path: list[str]) -> None:
        shown = self._node(node)
        tier = tier_of(len(path) + 1)
        self.ops.append(Op.move(shown, tier, actor=self.stage.name))
        self.nodes[node] = shown.with_(tier=tier)
        if path:
            self._children(path[-1]).append(node)
            self.ops.append(Op.link(Edge(src=path[-1], dst=node, rel="child"), actor=self.stage.name))

    def _refold(self, ancestor: str, leaf: Record) -> None:
        shown = self._node(ancestor)
        # A node is made of its children, which are made of theirs: naming every leaf would make the top grow for ever.
        new = self._folded(shown, [leaf]).with_(derived_from=tuple(self._children(ancestor)))
        self.ops.append(Op.update(shown, new, actor=self.stage.name))
        self._put(new.with_(id=ancestor))

    def _folded(self, state: Record | None, new: Sequence[Record]) -> Record:
        made = self.stage.fold.fold(state, new, self.stage.tokens, self.view)
        return made.with_(keys={**made.keys, self.stage.key: Key(made.value)})
