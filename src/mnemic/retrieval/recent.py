"""Recent channel: what happened last, whatever the question says.

score(r) = 1 - (rank - 1) / k,  ranks from 1 by falling event time
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from mnemic.core.reading import Hit, Query, Sub
from mnemic.core.stage import Channel
from mnemic.core.view import View
from mnemic.retrieval.scope import narrow


@dataclass(frozen=True)
class Recent(Channel):
    """The ``k`` newest records.

    Parameters: ``k``, how many; ``kinds``, only these kinds of record; ``weight``, for the combiner.

    >>> from mnemic.core.list_view import ListView
    >>> from mnemic.core.record import Record
    >>> view = ListView(Record(id=f"r{i}", kind="note", value="A note") for i in range(3))
    >>> [hit.id for hit in Recent(k=2).search(Sub(text=""), Query(text="", asked_at=view.now), view)]
    ['r2', 'r1']
    """

    name: ClassVar[str] = "recent"

    k: int = 10
    kinds: tuple[str, ...] | None = None
    weight: float = 1.0

    def search(self, sub: Sub, query: Query, view: View) -> list[Hit]:
        """Hits from newest to oldest; each keeps its score as its part ``recent``."""
        where = narrow(sub.where, self.kinds)
        if where is None:
            return []
        records = view.scan(where, limit=self.k, newest_first=True)
        scores = [1 - place / self.k for place in range(len(records))]
        return [
            Hit(record.id, score, self.name, {"recent": score}) for record, score in zip(records, scores, strict=True)
        ]
