"""Entity channel: records about the people, places and things that the question names.

score(r) = Σ_{e ∈ names in the question, about which r is} idf(e)
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from mnemic.core.reading import Hit, Query, Sub
from mnemic.core.stage import Channel
from mnemic.core.view import View
from mnemic.retrieval.names import named
from mnemic.retrieval.scope import narrow


@dataclass(frozen=True)
class Entity(Channel):
    """The ``k`` best records by the entities of the sub-query, or else by those that its words name.

    Parameters: ``k``, how many; ``kinds``, only these kinds of record; ``weight``, for the combiner.

    >>> from mnemic.core.list_view import ListView
    >>> from mnemic.core.record import Record
    >>> view = ListView([Record(id="r0", kind="note", value="They met", entities=("Anna", "Ben")),
    ...                  Record(id="r1", kind="note", value="Rain")])
    >>> sub = Sub(text="Whom did Anna meet?")
    >>> [hit.id for hit in Entity().search(sub, Query(text=sub.text, asked_at=view.now), view)]
    ['r0']
    """

    name: ClassVar[str] = "entity"

    k: int = 100
    kinds: tuple[str, ...] | None = None
    weight: float = 1.0

    def search(self, sub: Sub, query: Query, view: View) -> list[Hit]:
        """Hits by falling idf, which each keeps as its part ``entity``."""
        where = narrow(sub.where, self.kinds)
        names = sub.entities or tuple(named(sub.text, view.facts("entity")))
        if where is None or not names:
            return []
        hits = view.tagged("entity", names, k=self.k, where=where)
        return [Hit(hit.id, hit.score, self.name, {"entity": hit.score}) for hit in hits]
