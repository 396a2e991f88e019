"""Near duplicates: of hits that say the same in the same words, the best one stays.

    J(a, b) = |terms(a) ∩ terms(b)| / |terms(a) ∪ terms(b)| ≥ share

Source: A. Broder, "On the Resemblance and Containment of Documents", 1997.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from mnemic.core.analysis import terms
from mnemic.core.reading import Hit, Query
from mnemic.core.stage import Filter
from mnemic.core.view import View


@dataclass(frozen=True)
class NearDuplicates(Filter):
    """Leaves out a hit whose terms resemble those of a better one by ``share`` or more, 0..1.

    >>> from mnemic.core.list_view import ListView
    >>> from mnemic.core.record import Record
    >>> texts = ["I like green tea.", "I like green tea!", "I like rain"]
    >>> view = ListView(Record(id=str(i), kind="note", value=text) for i, text in enumerate(texts))
    >>> hits = [Hit(str(i), 1.0, "dense") for i in range(3)]
    >>> [hit.id for hit in NearDuplicates().filter(hits, Query(text="", asked_at=view.now), view)]
    ['0', '2']
    """

    name: ClassVar[str] = "near_duplicates"

    share: float = 0.9

    def filter(self, hits: list[Hit], query: Query, view: View) -> list[Hit]:
        """The hits without the later ones of each resembling pair."""
        records = view.get([hit.id for hit in hits])
        kept: list[Hit] = []
        bags: list[frozenset[str]] = []
        for hit in hits:
            bag = frozenset(terms(records[hit.id].shown())) if hit.id in records else frozenset()
            # Two bags cannot resemble each other more than the smaller fits into the larger.
            if bag and any(
                min(len(bag), len(other)) >= self.share * max(len(bag), len(other))
                and len(bag & other) >= self.share * len(bag | other)
                for other in bags
            ):
                continue
            kept.append(hit)
            bags.append(bag)
        return kept
