"""Slot lookup: facts that answer a question by slot and operation come first; all other hits stay as they were.

A question that fits no slot well is left alone, so ordinary recall does not change where no fact answers.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from mnemic.core.reading import Hit, Query
from mnemic.core.slot_answer import known_of
from mnemic.core.stage import Expander
from mnemic.core.view import View


@dataclass(frozen=True)
class SlotLookup(Expander):
    """Puts at most ``most`` facts that answer the question before the other hits, current ones and past ones alike.

    >>> from mnemic.core.facts import as_fact
    >>> from mnemic.core.list_view import ListView
    >>> from mnemic.core.record import Record
    >>> view = ListView([as_fact(Record(id="f", kind="semantic", value="Anna lives in Porto",
    ...                                 fields={"subject": "Anna", "attribute": "home town", "value": "Porto"}))])
    >>> hits = [Hit("t", 2.0, "dense")]
    >>> [(h.id, h.path) for h in SlotLookup().expand(hits, Query(text="Anna's home town?", asked_at=view.now), view)]
    [('f', ('current', 'anna|home town')), ('t', ())]
    """

    name: ClassVar[str] = "slot_lookup"

    most: int = 5

    def expand(self, hits: list[Hit], query: Query, view: View) -> list[Hit]:
        """The facts that answer, then the hits."""
        known = known_of(query, view)
        if known is None:
            return hits
        level = hits[0].score if hits else 1.0
        path = (known.operation, known.slot)
        first = [Hit(fact.id, level, self.name, {"slot": 1.0}, path) for fact in known.facts[: self.most]]
        ids = {hit.id for hit in first}
        return [*first, *(hit for hit in hits if hit.id not in ids)]
