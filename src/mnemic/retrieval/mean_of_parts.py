"""Mean of parts: a session is as near to the question as its turns are on average.

    score(session) = q · mean of E(turn) = mean of cos(q, turn)

Source: the turn granularity of D. Xu et al., "From Single to Multi-Granularity" (MemGAS), arXiv 2505.19549, 2025.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from mnemic.core.reading import Hit, Query, Sub
from mnemic.core.stage import Channel
from mnemic.core.view import View
from mnemic.retrieval.fusion import ranked_by_score
from mnemic.retrieval.scope import narrow


@dataclass(frozen=True)
class MeanOfParts(Channel):
    """Records of kind ``whole``, one a session, by the mean cosine of the session's records of kind ``parts``.

    Parameters: ``key``, the dense key of the parts; ``k``, how many; ``weight``, for the combiner.

    >>> from mnemic.core.list_view import ListView
    >>> from mnemic.core.record import Key, Record
    >>> def turn(i, session, text):
    ...     return Record(id=i, kind="episodic", value=text, keys={"turn": Key(text)}, session=session)
    >>> view = ListView([Record(id="A", kind="session", value="...", session="a"), turn("a1", "a", "green tea"),
    ...                  turn("a2", "a", "black tea"), Record(id="B", kind="session", value="...", session="b"),
    ...                  turn("b1", "b", "green tea"), turn("b2", "b", "rain")])
    >>> sub = Sub(text="tea")
    >>> [hit.id for hit in MeanOfParts().search(sub, Query(text="tea", asked_at=view.now), view)]
    ['A', 'B']
    """

    name: ClassVar[str] = "mean_of_parts"
    needs: ClassVar[tuple[str, ...]] = ("embedder",)

    key: str = "turn"
    parts: str = "episodic"
    whole: str = "session"
    k: int = 100
    weight: float = 1.0

    def search(self, sub: Sub, query: Query, view: View) -> list[Hit]:
        """Hits by falling mean, which each keeps as its part ``cosine``."""
        where = narrow(sub.where, (self.whole,))
        # What is narrowed to certain records means the wholes, not their parts.
        below = narrow(sub.where.and_(ids=None), (self.parts,))
        if where is None or below is None:
            return []
        wholes = view.scan(where)
        below = below.and_(sessions=tuple(sorted({record.session for record in wholes})))
        sums: dict[str, list[float]] = {}
        cosines = {hit.id: hit.score for hit in view.dense(sub.text, key=self.key, k=1_000_000, where=below)}
        for record_id, record in view.get(cosines).items():
            sums.setdefault(record.session, []).append(cosines[record_id])
        hits = []
        for whole in wholes:
            if whole.session in sums:
                mean = sum(sums[whole.session]) / len(sums[whole.session])
                hits.append(Hit(whole.id, mean, self.name, {"cosine": mean}))
        return ranked_by_score(hits)[: self.k]
