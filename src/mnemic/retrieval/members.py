"""Members: a session that was found gives way to its turns, those most like the question first.

    score(turn) = score(session) · (1 + cos(q, turn)) / 2

Source: the selection inside the best sessions of D. Xu et al., "From Single to Multi-Granularity" (MemGAS), arXiv
2505.19549, 2025, where a model copies what is relevant.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from mnemic.core.reading import Hit, Query
from mnemic.core.stage import Expander
from mnemic.core.view import View
from mnemic.retrieval.fusion import ranked_by_score
from mnemic.retrieval.scope import narrow


@dataclass(frozen=True)
class Members(Expander):
    """Puts the records of kind ``parts`` of the hits' sessions in the place of the hits of kind ``whole``.

    Parameters: ``top``, how many wholes are opened, the others are left out; ``key``, the dense key of the parts.

    >>> from mnemic.core.list_view import ListView
    >>> from mnemic.core.record import Key, Record
    >>> def turn(i, text):
    ...     return Record(id=i, kind="episodic", value=text, keys={"turn": Key(text)}, session="s")
    >>> view = ListView([Record(id="S", kind="session", value="...", session="s"), turn("a", "rain"), turn("b", "tea")])
    >>> hits = Members().expand([Hit("S", 1.0, "dense")], Query(text="tea", asked_at=view.now), view)
    >>> [(hit.id, hit.path) for hit in hits]
    [('b', ('S', 'member')), ('a', ('S', 'member'))]
    """

    name: ClassVar[str] = "members"
    needs: ClassVar[tuple[str, ...]] = ("embedder",)

    whole: str = "session"
    parts: str = "episodic"
    key: str = "turn"
    top: int = 3

    def expand(self, hits: list[Hit], query: Query, view: View) -> list[Hit]:
        """Parts by score, among the hits of other kinds."""
        records = view.get([hit.id for hit in hits])
        wholes = [hit for hit in hits if hit.id in records and records[hit.id].kind == self.whole]
        opened = {records[hit.id].session: hit for hit in reversed(wholes[: self.top])}
        where = narrow(query.where.and_(sessions=tuple(sorted(opened))), (self.parts,))
        closed = {hit.id for hit in wholes}
        out = [hit for hit in hits if hit.id not in closed]
        seen = {hit.id for hit in out}
        if where is not None and opened:
            found = view.dense(query.text, key=self.key, k=1_000_000, where=where)
            parts = view.get([hit.id for hit in found])
            for hit in found:
                above = opened[parts[hit.id].session]
                if hit.id not in seen:
                    score = above.score * (1.0 + hit.score) / 2.0
                    path = (*above.path, above.id, "member")
                    out.append(Hit(hit.id, score, self.name, {**above.parts, "cosine": hit.score}, path))
        return ranked_by_score(out)
