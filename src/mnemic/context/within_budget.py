"""Within budget: the best hits as dated, cited lines, as many as the token budget holds.

Hits enter in rank order; the chosen lines are shown in time order, since stories are read forwards.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from mnemic.context.fill import Slot, check_slots, fill
from mnemic.core.reading import Context, Hit, Query
from mnemic.core.stage import Assembler
from mnemic.core.view import View


@dataclass(frozen=True)
class WithinBudget(Assembler):
    """Writes ``[n] date, speaker: text`` lines of at most ``query.tokens`` tokens in all.

    ``slots`` gives kinds of record a block of their own: (name, kinds, least share, greatest share) of the
    budget, in the order shown; everything else goes to the last block, "memory". Raises BadInput on shares
    outside 0..1.

    >>> from mnemic.core.list_view import ListView
    >>> from mnemic.core.record import Record
    >>> from mnemic.core.times import Interval, Times, instant
    >>> def said(i, day, text):
    ...     times = Times(event=Interval(instant(day), instant(day)))
    ...     return Record(id=f"r{i}", kind="episodic", value=text, actor="Anna", times=times)
    >>> view = ListView([said(0, "2026-05-01", "I moved to Lisbon."), said(1, "2026-06-02", "I like it.")])
    >>> hits = [Hit("r1", 2.0, "dense"), Hit("r0", 1.0, "dense")]
    >>> print(WithinBudget().build(hits, Query(text="Where?", asked_at=view.now, tokens=50), view).text)
    [1] 1 May 2026, Anna: I moved to Lisbon.
    [2] 2 June 2026, Anna: I like it.
    """

    name: ClassVar[str] = "within_budget"

    slots: tuple[Slot, ...] = ()

    def __post_init__(self) -> None:
        check_slots(self.name, self.slots)

    def build(self, hits: list[Hit], query: Query, view: View) -> Context:
        """The context; each line cites its record, each citation the record's events and its hit."""
        return fill(hits, self.slots, query, view)
