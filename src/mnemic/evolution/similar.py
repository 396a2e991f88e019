"""Similar: a new record is linked to those most alike, if more alike than almost all random pairs.

    (a, similar, b, weight = cos)   if  cos(a, b) ≥ θ(quantile)  and  b is among the k nearest

Source: the semantic links of C. Latimer et al., "Hindsight", arXiv 2512.12818, 2025 (their cosine of 0.7 belongs
to their embedder).
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
from mnemic.evolution.likeness import limit_of, most_alike, vectors_of


@dataclass(frozen=True)
class Similar(Linker):
    """Links to at most ``k`` records above the ``quantile`` of random pairs, compared by the dense ``key``.

    >>> from mnemic.core.list_view import ListView
    >>> from mnemic.core.record import Key
    >>> def fact(i, text):
    ...     return Record(id=i, kind="semantic", value=text, keys={"said": Key(text)})
    >>> view = ListView([fact("r1", "green tea"), fact("r2", "rowing")])
    >>> [op.targets for op in Similar(quantile=0.5).link([fact("n1", "green tea cup")], view)]
    [('n1', 'r1')]
    """

    name: ClassVar[str] = "similar"
    needs: ClassVar[tuple[str, ...]] = ("embedder",)

    key: str = "said"
    k: int = 5
    quantile: float = 0.99
    kinds: tuple[str, ...] | None = None

    def link(self, new: Sequence[Record], view: View) -> Iterable[Op]:
        """LINK ops from new records, each pair once."""
        limit = limit_of(view, self.quantile)
        vectors = vectors_of(new, self.key, view)
        laid: set[tuple[str, ...]] = set()
        ops = []
        for record_id in vectors:
            for other, cosine in most_alike(
                record_id, vectors, view, key=self.key, k=self.k, where=Where(kinds=self.kinds)
            ):
                pair = tuple(sorted((record_id, other)))
                if cosine >= limit and pair not in laid:
                    laid.add(pair)
                    edge = Edge(src=record_id, dst=other, rel="similar", weight=round(cosine, 6))
                    ops.append(Op.link(edge, actor=self.name))
        return ops
