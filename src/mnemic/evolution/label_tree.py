"""Label tree: a record hangs below the labels that it was given, the broadest on top; labels that fit are used again.

    node(l) = child of node(l - 1) of the same name, or the most alike one if alike enough, else a new one

A wrong or new label hides what is below it: with ``parents`` above one a record also hangs below the labels that are
most like its own anywhere in the tree.
Source: H. Sun and S. Zeng, "Hierarchical Memory for High-Efficiency Long-Term Reasoning in LLM Agents" (H-MEM), arXiv
2507.22925, 2025.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, ClassVar

from mnemic.core.op import Op
from mnemic.core.reading import Where
from mnemic.core.record import Edge, Key, Record
from mnemic.core.stage import Linker
from mnemic.core.view import View
from mnemic.evolution.likeness import limit_of

if TYPE_CHECKING:
    from mnemic.core.view import Vector


def level_of(depth: int) -> str:
    """The tier of labels at a depth, counted from 1.

    >>> level_of(1)
    'level-1'
    """
    return f"level-{depth}"


@dataclass(frozen=True)
class LabelTree(Linker):
    """Reads a record's ``fields`` named in ``levels`` and hangs it below them; without the first one it stays out.

    Parameters: ``levels``, broadest first; ``key``, the dense key under which labels are found and compared; ``kind``
    of labels; ``quantile`` and ``strictness``, how alike two labels must be to be one; ``parents``, of a record.
    Parent to child is an edge ``child``; a label's tier is its level.

    >>> from mnemic.core.list_view import ListView
    >>> filed = {"domain": "travel", "category": "flights"}
    >>> record = Record(id="r", kind="episodic", value="We flew to Porto", fields=filed)
    >>> ops = list(LabelTree(levels=("domain", "category")).link([record], ListView([])))
    >>> [(op.kind, op.record.value if op.record else op.edge.dst) for op in ops]
    [('ADD', 'travel'), ('ADD', 'flights'), ('LINK', 'n2'), ('LINK', 'r')]
    """

    name: ClassVar[str] = "label_tree"
    needs: ClassVar[tuple[str, ...]] = ("embedder",)

    levels: tuple[str, ...] = ("domain", "category", "trace")
    key: str = "said"
    kind: str = "label"
    quantile: float = 0.99
    strictness: float = 0.5
    parents: int = 1

    def link(self, new: Sequence[Record], view: View) -> Iterable[Op]:
        """ADD ops of new labels and LINK ops down to each record."""
        filing = _Filing(self, view)
        for record in new:
            filing.file(record)
        return filing.ops


@dataclass(slots=True)
class _Filing:
    """The labels as they stand while records are filed: the view's, and those made on top of them."""

    stage: LabelTree
    view: View
    ops: list[Op] = field(default_factory=list)
    made: dict[str, Record] = field(default_factory=dict)
    vectors: dict[str, Vector] = field(default_factory=dict)
    laid: set[tuple[str, str]] = field(default_factory=set)

    def file(self, record: Record) -> None:
        """Find or make the labels of one record, and hang it below the last."""
        labels = [str(record.fields.get(name) or "").strip() for name in self.stage.levels]
        if record.kind == self.stage.kind or not labels[0]:
            return
        parent, depth, vector = "", 0, None
        for label in labels:
            if label:
                depth += 1
                vector = self.view.tools.embed([label])[0]
                parent = self._node(label, vector, parent, depth, record)
        others = self._alike(vector, depth, parent) if vector is not None and self.stage.parents > 1 else []
        for node in (parent, *others[: self.stage.parents - 1]):
            self._hang(node, record.id)

    def _node(self, label: str, vector: Vector, parent: str, depth: int, record: Record) -> str:
        limit = limit_of(self.view, self.stage.quantile, self.stage.strictness)
        best, cosine = "", -1.0
        for node, text, row in self._below(parent, depth):
            if text.casefold() == label.casefold():
                return node
            likeness = float(vector @ row)
            if likeness > cosine:
                best, cosine = node, likeness
        if best and cosine >= limit:
            return best
        made = Record(
            id=self.view.tools.new_id(),
            kind=self.stage.kind,
            value=label,
            keys={self.stage.key: Key(label, lexical=False)},
            tier=level_of(depth),
            epistemic="inference",
            derived_from=(record.id,),
        )
        self.made[made.id], self.vectors[made.id] = made, vector
        self.ops.append(Op.add(made, reason=f"first record filed under {label}", actor=self.stage.name))
        if parent:
            self._hang(parent, made.id)
        return made.id

    def _below(self, parent: str, depth: int) -> Iterable[tuple[str, str, Vector]]:
        """The labels below a parent, or the top ones: id, text, vector."""
        if parent:
            stored = [edge.dst for edge in self.view.edges([parent], rels=("child",), direction="out")]
            known = {i: r for i, r in self.view.get(stored).items() if r.state == "active"}
        else:
            known = {r.id: r for r in self.view.scan(Where(kinds=(self.stage.kind,), tiers=(level_of(1),)))}
        known = {i: r for i, r in known.items() if r.kind == self.stage.kind}
        rows = self.view.vectors(list(known), key=self.stage.key)
        yield from ((i, known[i].value, rows[i]) for i in known if i in rows)
        for i, record in self.made.items():
            if record.tier == level_of(depth) and (not parent or (parent, i) in self.laid):
                yield i, record.value, self.vectors[i]

    def _alike(self, vector: Vector, depth: int, own: str) -> list[str]:
        limit = limit_of(self.view, self.stage.quantile, self.stage.strictness)
        where = Where(kinds=(self.stage.kind,), tiers=(level_of(depth),))
        hits = self.view.dense(vector, key=self.stage.key, k=self.stage.parents + 1, where=where)
        return [hit.id for hit in hits if hit.id != own and hit.score >= limit]

    def _hang(self, parent: str, child: str) -> None:
        if (parent, child) not in self.laid:
            self.laid.add((parent, child))
            self.ops.append(Op.link(Edge(src=parent, dst=child, rel="child"), actor=self.stage.name))
