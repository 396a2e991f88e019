"""Entity graph: the ends of every triple, and the names in every text, are nodes; nearly a known node is that node.

    node(name) = the entity record with the name itself, else the nearest with cos ≥ θ, else a new one
    (record, about, node)   for head and tail of a triple, else for each of a record's entities

The nodes hold names only; what is told stays in the records that lead to them.
Source: the graph memory of P. Chhikara et al., "Mem0", arXiv 2504.19413, 2025 (its cosine of 0.7 belongs to its
embedder); the light graph of Z. Huang et al., "LiCoMemory", arXiv 2511.01448, 2025.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, ClassVar

from mnemic.core.names import canonical_name
from mnemic.core.op import Op
from mnemic.core.reading import Where
from mnemic.core.record import Edge, Key, Record
from mnemic.core.stage import Linker
from mnemic.core.view import View
from mnemic.evolution.likeness import limit_of

if TYPE_CHECKING:
    from mnemic.core.view import Vector

ENDS = ("head", "tail")


@dataclass(frozen=True)
class EntityGraph(Linker):
    """Makes or finds the nodes of new records' names, and links the records to them.

    Parameters: ``key``, the dense key of a node's name; ``quantile`` of random pairs and ``strictness``, how far from
    there to identical, from which a name is a known node's; ``kinds``, records whose names enter (None: all);
    ``longest``, characters of a name that is no end of a triple: what is longer is a phrase.

    >>> from mnemic.core.list_view import ListView
    >>> triple = Record(id="n1", kind="triple", value="Anna rows", fields={"head": "Anna", "tail": "the Tagus"})
    >>> known = Record(id="a", kind="entity", value="anna", keys={"name": Key("anna")}, entities=("anna",))
    >>> [(op.kind, op.edge.dst if op.edge else op.record.value)
    ...  for op in EntityGraph().link([triple], ListView([known]))]
    [('LINK', 'a'), ('ADD', 'tagus'), ('LINK', 'n1')]
    """

    name: ClassVar[str] = "entity_graph"
    needs: ClassVar[tuple[str, ...]] = ("embedder",)

    key: str = "name"
    quantile: float = 0.99
    strictness: float = 0.5
    kinds: tuple[str, ...] | None = None
    longest: int = 60

    def link(self, new: Sequence[Record], view: View) -> Iterable[Op]:
        """ADD ops for nodes that are not there yet, LINK ops from triples to nodes."""
        graph = _Graph(self, view, limit_of(view, self.quantile, self.strictness))
        for record in new:
            if record.kind == "entity" or (self.kinds is not None and record.kind not in self.kinds):
                continue
            for name, note in self._names(record).items():
                graph.attach(record, note, name)
        return graph.ops

    def _names(self, record: Record) -> dict[str, str]:
        ends = {canonical_name(str(record.fields.get(end, ""))): end for end in reversed(ENDS)}
        if any(ends):
            return {name: ends[name] for name in reversed(ends) if name}
        names = (canonical_name(name) for name in record.entities if len(name) <= self.longest)
        return {name: "" for name in names if name}


@dataclass(slots=True)
class _Graph:
    """The nodes as they stand while triples are hung on them."""

    stage: EntityGraph
    view: View
    limit: float
    ops: list[Op] = field(default_factory=list)
    made: dict[str, tuple[str, Vector]] = field(default_factory=dict)

    def attach(self, record: Record, note: str, name: str) -> None:
        """Link a record to the node of one of its names; the note says which end of a triple it is."""
        node = self._node(record, name)
        edge = Edge(src=record.id, dst=node, rel="about", note=note, sources=record.sources)
        self.ops.append(Op.link(edge, actor=self.stage.name))

    def _node(self, record: Record, name: str) -> str:
        if name in self.made:
            return self.made[name][0]
        where = Where(kinds=("entity",))
        same = self.view.tagged("entity", [name], k=1, where=where)
        if same:
            return same[0].id
        vector = self.view.tools.embed([name])[0]
        stored = self.view.dense(vector, key=self.stage.key, k=1, where=where)
        near = [(hit.score, hit.id) for hit in stored]
        near += [(float(vector @ other), node) for node, other in self.made.values()]
        score, nearest = max(near, default=(0.0, ""))
        node = nearest if nearest and score >= self.limit else self._made(record, name)
        self.made[name] = (node, vector)
        return node

    def _made(self, record: Record, name: str) -> str:
        node = Record(
            id=self.view.tools.new_id(),
            kind="entity",
            value=name,
            keys={self.stage.key: Key(name, lexical=False)},
            entities=(name,),
            epistemic="inference",
            times=record.times,
            sources=record.sources,
        )
        self.ops.append(Op.add(node, actor=self.stage.name))
        return node.id
