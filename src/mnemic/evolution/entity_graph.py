"""Entity graph: every name becomes a node of its own, with an edge from each record that is about it.

    (record, about, entity);   two names are one entity if they are the same or cos ≥ θ(quantile) + strictness · (1 - θ)

The nodes hold names only; what is told stays in the records and turns that they lead to.
Source: the light graph of Z. Huang et al., "LiCoMemory", arXiv 2511.01448, 2025; the knowledge graphs of J. Liu et
al., "MemVerse", arXiv 2512.03627, 2025.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import ClassVar

from mnemic.core.names import canonical_name
from mnemic.core.op import Op
from mnemic.core.reading import Where
from mnemic.core.record import Edge, Key, Record
from mnemic.core.stage import Linker
from mnemic.core.view import View
from mnemic.evolution.likeness import limit_of


@dataclass(frozen=True)
class EntityGraph(Linker):
    """Makes a record of kind ``entity`` for each new name and links the records that carry it.

    Parameters: ``kinds``, records whose names enter (None: all but entities); ``key``, the key under which names are
    found; ``quantile`` and ``strictness``, how alike two names are that mean one entity; ``longest``, characters of a
    name: what is longer is a phrase and no name.

    >>> from mnemic.core.list_view import ListView
    >>> anna = Record(id="e", kind="entity", value="Anna", keys={"name": Key("Anna")}, labels=("name=anna",))
    >>> fact = Record(id="n", kind="triple", value="Anna lives in Lisbon", entities=("anna", "Lisbon"))
    >>> for op in EntityGraph().link([fact], ListView([anna])):
    ...     print(op.kind, op.targets)
    LINK ('n', 'e')
    ADD ('n1',)
    LINK ('n', 'n1')
    """

    name: ClassVar[str] = "entity_graph"
    needs: ClassVar[tuple[str, ...]] = ("embedder",)

    kinds: tuple[str, ...] | None = None
    key: str = "name"
    quantile: float = 0.99
    strictness: float = 0.7
    longest: int = 60

    def link(self, new: Sequence[Record], view: View) -> Iterable[Op]:
        """ADD ops of new entities, LINK ops of kind ``about``."""
        limit = limit_of(view, self.quantile, self.strictness)
        known: dict[str, str] = {}
        ops: list[Op] = []
        for record in new:
            if record.kind == "entity" or (self.kinds is not None and record.kind not in self.kinds):
                continue
            linked: set[str] = set()
            for name in record.entities:
                folded = canonical_name(name).casefold()
                if not folded or len(folded) > self.longest:
                    continue
                if folded not in known:
                    found = self._stored(name, folded, limit, view)
                    if found is None:
                        made = self._made(name, folded, record, view)
                        ops.append(Op.add(made, actor=self.name))
                        found = made.id
                    known[folded] = found
                if known[folded] not in linked:
                    linked.add(known[folded])
                    ops.append(Op.link(Edge(src=record.id, dst=known[folded], rel="about"), actor=self.name))
        return ops

    def _stored(self, name: str, folded: str, limit: float, view: View) -> str | None:
        same = view.tagged("label", [f"name={folded}"], k=1, where=Where(kinds=("entity",)))
        if same:
            return same[0].id
        alike = view.dense(view.tools.embed([name])[0], key=self.key, k=1, where=Where(kinds=("entity",)))
        return alike[0].id if alike and alike[0].score >= limit else None

    def _made(self, name: str, folded: str, record: Record, view: View) -> Record:
        return Record(
            id=view.tools.new_id(),
            kind="entity",
            value=name,
            keys={self.key: Key(name)},
            labels=(f"name={folded}",),
            derived_from=(record.id,),
            epistemic="inference",
        )
