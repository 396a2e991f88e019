"""Informative: a turn that only asks or greets answers nothing; one that tells of its speaker often does.

    score'(r) = score(r) + weight · min(1, terms of r's statements / enough)
              + personal · [r's statements say I or we] - asking · [r ends in a question]

Statements are what is left of a text without its question clauses.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import ClassVar

from mnemic.core.analysis import term_count
from mnemic.core.reading import Hit, Query
from mnemic.core.stage import Scorer
from mnemic.core.view import View
from mnemic.retrieval.fusion import ranked_by_score

_QUESTION_CLAUSE = re.compile(r"(?:^|(?<=[.!?,;]))[^.!?,;]*\?")
_QUESTION = re.compile(r"[^.!?]*\?")
_FIRST_PERSON = re.compile(r"\b(?:i|my|we|our|i'm|i've|me)\b", re.I)
#: Characters that are enough to tell whether a text has enough terms.
_GLANCE = 800


@dataclass(frozen=True)
class Informative(Scorer):
    """Adds up to ``weight`` for statements and ``personal`` for the first person, takes ``asking`` for a question.

    All three are in the unit of the scores that come in; ``enough`` is how many terms make a full statement.

    >>> from mnemic.core.list_view import ListView
    >>> from mnemic.core.record import Record
    >>> view = ListView([Record(id="r0", kind="episodic", value="Hi! How was Lisbon?"),
    ...                  Record(id="r1", kind="episodic", value="I loved the river and the old trams.")])
    >>> hits = [Hit("r0", 0.5, "dense"), Hit("r1", 0.45, "dense")]
    >>> [hit.id for hit in Informative().score(hits, Query(text="", asked_at=view.now), view)]
    ['r1', 'r0']
    """

    name: ClassVar[str] = "informative"

    weight: float = 0.2
    personal: float = 0.1
    asking: float = 0.0
    enough: int = 10

    def score(self, hits: list[Hit], query: Query, view: View) -> list[Hit]:
        """The hits by their new scores; each keeps what was added as its part ``informative``."""
        records = view.get([hit.id for hit in hits])
        out = []
        for hit in hits:
            added = self._worth(records[hit.id].value) if hit.id in records else 0.0
            out.append(hit.with_score(hit.score + added, informative=added))
        return ranked_by_score(out)

    def _worth(self, text: str) -> float:
        # Without a question mark both patterns look at the rest of the text from every place, and find nothing.
        asked, worth = "?" in text, 0.0
        if self.weight:
            told = _QUESTION_CLAUSE.sub("", text[:_GLANCE]) if asked else text[:_GLANCE]
            worth = self.weight * (term_count(told, self.enough) / self.enough)
        if self.personal and _FIRST_PERSON.search(_QUESTION.sub("", text) if asked else text):
            worth += self.personal
        return worth - self.asking if self.asking and text.rstrip().endswith("?") else worth
