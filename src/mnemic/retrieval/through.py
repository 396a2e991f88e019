"""Through: records found by way of what was derived from them, so that a clear wording leads to what was really said.

    score(r) = max over records d that are derived from r of score(d)

Source: this project; expansion of documents by facts as in D. Wu et al., "LongMemEval", arXiv 2410.10813, 2024.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import ClassVar

from mnemic.core.reading import Hit, Query, Sub
from mnemic.core.stage import Channel
from mnemic.core.view import View
from mnemic.retrieval.dense import Dense
from mnemic.retrieval.scope import in_scope


@dataclass(frozen=True)
class Through(Channel):
    """The records that the hits of ``inner`` are derived from, by the best of these hits.

    ``inner`` searches the derived kinds. Parameters: ``weight``, for the combiner.

    >>> from mnemic.core.list_view import ListView
    >>> from mnemic.core.record import Key, Record
    >>> said = Record(id="r1", kind="episodic", value="Boxes everywhere! Porto it is.")
    >>> fact = Record(id="f1", kind="semantic", value="Anna moved to Porto", keys={"told": Key("Anna moved to Porto")},
    ...               derived_from=("r1",))
    >>> view = ListView([said, fact])
    >>> [(hit.id, hit.path) for hit in Through().search(Sub(text="moved"), Query(text="", asked_at=view.now), view)]
    [('r1', ('f1', 'derived from'))]
    """

    name: ClassVar[str] = "through"
    needs: ClassVar[tuple[str, ...]] = ("embedder",)

    inner: Channel = field(default_factory=lambda: Dense(key="told", k=100, kinds=("semantic",)))
    weight: float = 1.0

    def search(self, sub: Sub, query: Query, view: View) -> list[Hit]:
        """Hits by falling score."""
        # A combiner asks once more for what other channels found: then only what leads there matters.
        wanted, where = sub.where.ids, sub.where.and_(ids=None)
        found = self.inner.search(replace(sub, where=where), query, view)
        records = view.get([hit.id for hit in found])
        best: dict[str, Hit] = {}
        for hit in found:
            for above in records[hit.id].derived_from if hit.id in records else ():
                if above not in best and (wanted is None or above in wanted):
                    best[above] = Hit(above, hit.score, self.name, dict(hit.parts), (*hit.path, hit.id, "derived from"))
        allowed = in_scope(best, where, view)
        return [hit for hit in best.values() if hit.id in allowed]
