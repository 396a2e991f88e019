"""Dense channel: records whose key's vector is nearest to the question's.

    score(q, r) = cos(E_query(q), E(r.keys[key]))

Source: V. Karpukhin et al., "Dense Passage Retrieval for Open-Domain Question Answering", EMNLP 2020.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from mnemic.core.reading import Hit, Query, Sub
from mnemic.core.stage import Channel
from mnemic.core.view import View
from mnemic.retrieval.scope import narrow


@dataclass(frozen=True)
class Dense(Channel):
    """The ``k`` records nearest by cosine under one dense key.

    Parameters: ``key``, which of a record's keys is compared; ``k``, how many; ``kinds``, only these kinds
    of record (None: any); ``weight``, what a combiner multiplies the list's scores with.

    >>> from mnemic.core.list_view import ListView
    >>> from mnemic.core.record import Key, Record
    >>> def turn(i, text):
    ...     return Record(id=f"r{i}", kind="episodic", value=text, keys={"turn": Key(text)})
    >>> view = ListView([turn(0, "We moved to Lisbon"), turn(1, "Tea is ready")])
    >>> sub = Sub(text="moving to Lisbon")
    >>> [hit.id for hit in Dense(k=1).search(sub, Query(text=sub.text, asked_at=view.now), view)]
    ['r0']
    """

    name: ClassVar[str] = "dense"
    needs: ClassVar[tuple[str, ...]] = ("embedder",)

    key: str = "turn"
    k: int = 100
    kinds: tuple[str, ...] | None = None
    weight: float = 1.0

    def search(self, sub: Sub, query: Query, view: View) -> list[Hit]:
        """Hits by falling cosine, which each keeps as its part ``cosine``."""
        where = narrow(sub.where, self.kinds)
        if where is None:
            return []
        hits = view.dense(sub.text, key=self.key, k=self.k, where=where)
        return [Hit(hit.id, hit.score, self.name, {"cosine": hit.score}) for hit in hits]
