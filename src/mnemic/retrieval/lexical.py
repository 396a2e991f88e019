"""Lexical channel: records that share rare words with the question.

    score(q, r) = Σ_t idf(t) · tf (k1 + 1) / (tf + k1 (1 - b + b · len / avglen)),  k1 = 1.2, b = 0.75

Source: S. Robertson and H. Zaragoza, "The Probabilistic Relevance Framework: BM25 and Beyond", 2009.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from mnemic.core.reading import Hit, Query, Sub
from mnemic.core.stage import Channel
from mnemic.core.view import View
from mnemic.retrieval.scope import narrow


@dataclass(frozen=True)
class Lexical(Channel):
    """The ``k`` best records by BM25 over one lexical key.

    Parameters: ``key``, which of a record's keys is compared; ``k``, how many; ``kinds``, only these kinds
    of record (None: any); ``weight``, what a combiner multiplies the list's scores with.

    >>> from mnemic.core.list_view import ListView
    >>> from mnemic.core.record import Key, Record
    >>> def turn(i, text):
    ...     return Record(id=f"r{i}", kind="episodic", value=text, keys={"turn": Key(text)})
    >>> view = ListView([turn(0, "We moved to Lisbon"), turn(1, "We had tea"), turn(2, "We moved on")])
    >>> sub = Sub(text="Who moved to Lisbon?")
    >>> [hit.id for hit in Lexical().search(sub, Query(text=sub.text, asked_at=view.now), view)]
    ['r0', 'r2']
    """

    name: ClassVar[str] = "lexical"

    key: str = "turn"
    k: int = 100
    kinds: tuple[str, ...] | None = None
    weight: float = 1.0

    def search(self, sub: Sub, query: Query, view: View) -> list[Hit]:
        """Hits by falling BM25, which each keeps as its part ``bm25``."""
        where = narrow(sub.where, self.kinds)
        if where is None:
            return []
        hits = view.lexical(sub.text, key=self.key, k=self.k, where=where)
        return [Hit(hit.id, hit.score, self.name, {"bm25": hit.score}) for hit in hits]
