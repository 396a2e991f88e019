"""Cluster parents: records without a parent are grouped by likeness, and each group gets a summary above it.

    groups of at most ``size`` by k-means;   a group of ≥ ``least``: parent = fold(group), (parent, child, member)
    parents without a parent are grouped in the same way, up to ``levels``

Only what has no parent yet is looked at, so that a run costs what is new, not what is there.
Source: the reorganisation of Z. Li et al., "MemOS: A Memory OS for AI System", arXiv 2507.03724, 2025; P. Sarthi et
al., "RAPTOR", arXiv 2401.18059, 2024.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, ClassVar

from mnemic.core.op import Op
from mnemic.core.reading import Where
from mnemic.core.record import Edge, Key, Record
from mnemic.core.stage import Consolidator, Fold
from mnemic.core.view import View
from mnemic.evolution.extractive import Extractive
from mnemic.evolution.kmeans import grouped

if TYPE_CHECKING:
    from mnemic.core.view import Vector


@dataclass(frozen=True)
class ClusterParents(Consolidator):
    """Adds parents of kind ``kind`` and tier ``parent-<level>`` over records of the kinds in ``of``.

    Parameters: ``key``, the dense key compared, under which parents are found too; ``start``, records without a parent
    before a level is grouped; ``size``, members of a group at most; ``least`` before it gets a parent; ``levels``;
    ``fold``; ``tokens`` of a parent; ``limit``, newest records that are looked at in a run.

    >>> from mnemic.core.list_view import ListView
    >>> texts = ["Rex barks.", "Rex the dog.", "Rain fell.", "Rain again."]
    >>> view = ListView(Record(id=f"r{i}", kind="semantic", value=t, keys={"said": Key(t)})
    ...                 for i, t in enumerate(texts))
    >>> ops = list(ClusterParents(start=4, size=2, least=2, levels=1).run(view, since=0))
    >>> sorted(op.record.derived_from for op in ops if op.kind == "ADD")
    [('r0', 'r1'), ('r2', 'r3')]
    """

    name: ClassVar[str] = "cluster_parents"
    needs: ClassVar[tuple[str, ...]] = ("embedder",)

    of: tuple[str, ...] = ("semantic",)
    kind: str = "summary"
    key: str = "said"
    start: int = 20
    size: int = 20
    least: int = 4
    levels: int = 2
    fold: Fold = field(default_factory=Extractive)
    tokens: int = 120
    limit: int = 1500

    def run(self, view: View, since: int) -> Iterable[Op]:
        """ADD and LINK ops of the parents, level by level."""
        import numpy as np

        ops: list[Op] = []
        made: list[tuple[Record, Vector]] = []
        for level in range(1, self.levels + 1):
            where = Where(kinds=self.of) if level == 1 else Where(kinds=(self.kind,), tiers=(f"parent-{level - 1}",))
            orphans = self._orphans(where, view)
            rows = view.vectors([record.id for record in orphans], key=self.key)
            members = [(record, rows[record.id]) for record in orphans if record.id in rows] + made
            made = []
            if len(members) < (self.start if level == 1 else self.least):
                continue
            vectors = np.stack([vector for _, vector in members])
            for group in sorted(sorted(group) for group in grouped(vectors, self.size, view.tools.rng)):
                if len(group) >= self.least:
                    parent = self._parent([members[place][0] for place in group], level, view)
                    ops.append(Op.add(parent, reason=f"parent of {len(group)}", actor=self.name))
                    edges = [Edge(src=parent.id, dst=members[place][0].id, rel="child") for place in group]
                    ops.extend(Op.link(edge, actor=self.name) for edge in edges)
                    made.append((parent, view.tools.embed([parent.value])[0]))
        return ops

    def _orphans(self, where: Where, view: View) -> list[Record]:
        records = view.scan(where, limit=self.limit, newest_first=True)[::-1]
        held = {edge.dst for edge in view.edges([r.id for r in records], rels=("child",), direction="in")}
        return [record for record in records if record.id not in held]

    def _parent(self, members: Sequence[Record], level: int, view: View) -> Record:
        made = self.fold.fold(None, members, self.tokens, view)
        return made.with_(
            id=view.tools.new_id(),
            kind=self.kind,
            tier=f"parent-{level}",
            keys={self.key: Key(made.value)},
            entities=tuple(dict.fromkeys(name for record in members for name in record.entities))[:10],
            epistemic="inference",
        )
