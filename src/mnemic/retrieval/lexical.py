"""Lexical channel: records that share rare words with the question, in their own turn or the turns around it.

    score(q, r) = Σ_t idf(t) · c (k1 + 1) / (c + k1),  k1 = 1.2
    c           = Σ_{|o| ≤ window} 2^-|o| · tf(r+o, t) / (1 - b + b · len(r+o) / avglen) + tf of t in the keys also

With ``window=0`` and no other keys this is BM25.

Source: S. Robertson, H. Zaragoza and M. Taylor, "Simple BM25 Extension to Multiple Weighted Fields", CIKM 2004.
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
    """The ``k`` best records by BM25F over one lexical key.

    Parameters: ``key``, which of a record's keys is compared; ``also``, further keys whose plain counts are
    added (a date, a speaker); ``window``, how many turns to each side lend their words; ``b``, how strongly
    long texts are marked down, 0..1; ``k``, how many hits; ``kinds``, only these kinds of record (None: any);
    ``weight``, what a combiner multiplies the list's scores with.

    >>> from mnemic.core.list_view import ListView
    >>> from mnemic.core.record import Key, Record
    >>> def turn(i, text):
    ...     return Record(id=f"r{i}", kind="episodic", value=text, keys={"turn": Key(text)})
    >>> view = ListView([turn(0, "We moved to Lisbon"), turn(1, "We had tea"), turn(2, "We moved on")])
    >>> sub = Sub(text="Who moved to Lisbon?")
    >>> query = Query(text=sub.text, asked_at=view.now)
    >>> [hit.id for hit in Lexical().search(sub, query, view)]
    ['r0', 'r2']
    """

    name: ClassVar[str] = "lexical"

    key: str = "turn"
    also: tuple[str, ...] = ()
    window: int = 0
    b: float = 0.75
    k: int = 100
    kinds: tuple[str, ...] | None = None
    weight: float = 1.0

    def search(self, sub: Sub, query: Query, view: View) -> list[Hit]:
        """Hits by falling BM25, which each keeps as its part ``bm25``."""
        where = narrow(sub.where, self.kinds)
        if where is None:
            return []
        hits = view.lexical(sub.text, key=self.key, k=self.k, where=where, also=self.also, window=self.window, b=self.b)
        return [Hit(hit.id, hit.score, self.name, {"bm25": hit.score}) for hit in hits]
