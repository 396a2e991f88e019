"""Everything: every record, in time order. What is always in the context, or a whole small bank."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from mnemic.core.reading import Hit, Query, Sub
from mnemic.core.stage import Channel
from mnemic.core.view import View
from mnemic.retrieval.scope import narrow


@dataclass(frozen=True)
class Everything(Channel):
    """Every record in scope, or every one of ``kinds``, all with score 1; ``weight`` is for the combiner.

    >>> from mnemic.core.list_view import ListView
    >>> from mnemic.core.record import Record
    >>> view = ListView([Record(id="r0", kind="core", value="Answer in French"),
    ...                  Record(id="r1", kind="note", value="Rain")])
    >>> query = Query(text="", asked_at=view.now)
    >>> [hit.id for hit in Everything(kinds=("core",)).search(Sub(text=""), query, view)]
    ['r0']
    """

    name: ClassVar[str] = "everything"

    kinds: tuple[str, ...] | None = None
    weight: float = 1.0

    def search(self, sub: Sub, query: Query, view: View) -> list[Hit]:
        """Hits in time order."""
        where = narrow(sub.where, self.kinds)
        return [] if where is None else [Hit(record.id, 1.0, self.name) for record in view.scan(where)]
