"""Top: the first k hits."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from mnemic.core.reading import Hit, Query
from mnemic.core.stage import Filter
from mnemic.core.view import View


@dataclass(frozen=True)
class Top(Filter):
    """Cuts the list after ``k`` hits.

    >>> from mnemic.core.list_view import ListView
    >>> view = ListView([])
    >>> hits = [Hit("a", 2, "dense"), Hit("b", 1, "dense")]
    >>> [hit.id for hit in Top(1).filter(hits, Query(text="", asked_at=view.now), view)]
    ['a']
    """

    name: ClassVar[str] = "top"

    k: int = 20

    def filter(self, hits: list[Hit], query: Query, view: View) -> list[Hit]:
        """The first ``k`` hits."""
        return hits[: self.k]
