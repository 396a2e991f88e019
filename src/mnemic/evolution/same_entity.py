"""Same entity: records that speak of the same person, place or thing are linked.

    (a, same_entity, b, weight = 1)   if  entities(a) ∩ entities(b) ≠ ∅,  at most ``limit`` an entity

Source: the entity links of C. Latimer et al., "Hindsight", arXiv 2512.12818, 2025.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import ClassVar

from mnemic.core.op import Op
from mnemic.core.reading import Where
from mnemic.core.record import Edge, Record
from mnemic.core.stage import Linker
from mnemic.core.view import View


@dataclass(frozen=True)
class SameEntity(Linker):
    """Links a new record to up to ``limit`` others for each of its entities; the edge's note names them.

    >>> from mnemic.core.list_view import ListView
    >>> view = ListView([Record(id="r1", kind="semantic", value="They met", entities=("Anna", "Ben"))])
    >>> op, = SameEntity().link([Record(id="n1", kind="semantic", value="She left", entities=("anna",))], view)
    >>> op.edge.dst, op.edge.note
    ('r1', 'anna')
    """

    name: ClassVar[str] = "same_entity"

    limit: int = 50

    def link(self, new: Sequence[Record], view: View) -> Iterable[Op]:
        """LINK ops from each new record to stored ones, and to those new ones that came before it."""
        ops = []
        for place, record in enumerate(new):
            shared: dict[str, list[str]] = {}
            for entity in dict.fromkeys(name.casefold() for name in record.entities):
                stored = [hit.id for hit in view.tagged("entity", [entity], k=self.limit, where=Where())]
                beside = [o.id for o in new[:place] if entity in {name.casefold() for name in o.entities}]
                for other in (*beside, *stored)[: self.limit]:
                    shared.setdefault(other, []).append(entity)
            for other, names in shared.items():
                edge = Edge(src=record.id, dst=other, rel="same_entity", note=", ".join(names))
                ops.append(Op.link(edge, actor=self.name))
        return ops
