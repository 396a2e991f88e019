"""Causal: what an extractor read as cause and effect becomes an edge.

    (a, cause, b, weight = strength, note = causes | caused_by | enables | prevents)

Source: the causal links of C. Latimer et al., "Hindsight", arXiv 2512.12818, 2025.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import ClassVar

from mnemic.core.op import Op
from mnemic.core.record import Edge, Record
from mnemic.core.stage import Linker
from mnemic.core.view import View

HOWS = ("causes", "caused_by", "enables", "prevents")


@dataclass(frozen=True)
class Causal(Linker):
    """Reads ``fields["ref"]``, a draft's name within its segment, and ``fields["causal"]``: [{ref, how, strength}].

    An unknown ref or way is left out. ``caused_by`` is laid the other way round, so that an edge always leads from
    cause to effect.

    >>> from mnemic.core.list_view import ListView
    >>> said = {"ref": "a", "causal": [{"ref": "b", "how": "causes", "strength": 0.9}]}
    >>> rain = Record(id="n1", kind="semantic", value="It rained", fields=said)
    >>> home = Record(id="n2", kind="semantic", value="We stayed in", fields={"ref": "b"})
    >>> [(op.edge.src, op.edge.dst, op.edge.weight) for op in Causal().link([rain, home], ListView([]))]
    [('n1', 'n2', 0.9)]
    """

    name: ClassVar[str] = "causal"

    def link(self, new: Sequence[Record], view: View) -> Iterable[Op]:
        """LINK ops between the new records."""
        of_ref = {str(record.fields["ref"]): record.id for record in new if "ref" in record.fields}
        ops = []
        for record in new:
            for told in record.fields.get("causal", ()):
                other, how = of_ref.get(str(told["ref"])), told["how"]
                strength = 1.0 if told.get("strength") is None else float(told["strength"])
                if other is None or other == record.id or how not in HOWS:
                    continue
                src, dst = (other, record.id) if how == "caused_by" else (record.id, other)
                note = "causes" if how == "caused_by" else how
                edge = Edge(src=src, dst=dst, rel="cause", weight=min(max(strength, 0.0), 1.0), note=note)
                ops.append(Op.link(edge, actor=self.name))
        return ops
