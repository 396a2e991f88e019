"""Tagged channel: records that carry given marks; rare marks count more.

score(r) = Σ_{v ∈ values carried by r} idf(v)
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from mnemic.core.errors import BadInput
from mnemic.core.reading import Hit, Query, Sub
from mnemic.core.stage import Channel
from mnemic.core.view import View
from mnemic.retrieval.names import named
from mnemic.retrieval.scope import narrow

FIELDS = ("tag", "label")


@dataclass(frozen=True)
class Tagged(Channel):
    """The ``k`` best records by the tags or labels that the question names.

    Parameters: ``field``, tag or label; ``values``, what to look for (none: those of the bank's that occur
    in the question); ``k``, how many; ``kinds``, only these kinds of record; ``weight``, for the combiner.
    Raises BadInput on another field.

    >>> from mnemic.core.list_view import ListView
    >>> from mnemic.core.record import Record
    >>> view = ListView([Record(id="r0", kind="note", value="Oolong", tags=("tea",)),
    ...                  Record(id="r1", kind="note", value="Rain", tags=("weather",))])
    >>> sub = Sub(text="Which tea?")
    >>> [hit.id for hit in Tagged().search(sub, Query(text=sub.text, asked_at=view.now), view)]
    ['r0']
    """

    name: ClassVar[str] = "tagged"

    field: str = "tag"
    values: tuple[str, ...] = ()
    k: int = 100
    kinds: tuple[str, ...] | None = None
    weight: float = 1.0

    def __post_init__(self) -> None:
        if self.field not in FIELDS:
            raise BadInput(f"tagged.field: {self.field!r} is unknown; use one of {', '.join(FIELDS)}")

    def search(self, sub: Sub, query: Query, view: View) -> list[Hit]:
        """Hits by falling idf, which each keeps as its part of the field's name."""
        where = narrow(sub.where, self.kinds)
        values = self.values or tuple(named(sub.text, view.facts(self.field)))
        if where is None or not values:
            return []
        hits = view.tagged(self.field, values, k=self.k, where=where)
        return [Hit(hit.id, hit.score, self.name, {self.field: hit.score}) for hit in hits]
