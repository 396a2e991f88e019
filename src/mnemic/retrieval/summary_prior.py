"""Summary prior: what stands in a session whose summary fits the question counts more.

    score'(r) = weight · cos(q, summary of r's session) + (1 - weight) · cos(q, r),   at least ``floor``

Source: the two levels of Z. Huang et al., "LiCoMemory", arXiv 2511.01448, 2025, combined as in the published code.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from mnemic.core.reading import Hit, Query, Where
from mnemic.core.stage import Scorer
from mnemic.core.view import View
from mnemic.retrieval.fusion import ranked_by_score


@dataclass(frozen=True)
class SummaryPrior(Scorer):
    """Mixes each hit's score with the likeness of its session's summary; without one the score counts alone.

    Parameters: ``weight``, 0..1, of the summary; ``kind`` and ``key`` of summaries; ``floor``.

    >>> from mnemic.core.list_view import ListView
    >>> from mnemic.core.record import Key, Record
    >>> def summary(i, text):
    ...     return Record(id=i, kind="summary", value=text, keys={"said": Key(text)}, session=i)
    >>> view = ListView([summary("a", "tea and cake"), summary("b", "rain"),
    ...                  Record(id="x", kind="triple", value="", session="b"),
    ...                  Record(id="y", kind="triple", value="", session="a")])
    >>> hits = [Hit("x", 0.5, "dense"), Hit("y", 0.5, "dense")]
    >>> [hit.id for hit in SummaryPrior().score(hits, Query(text="tea", asked_at=view.now), view)]
    ['y', 'x']
    """

    name: ClassVar[str] = "summary_prior"
    needs: ClassVar[tuple[str, ...]] = ("embedder",)

    weight: float = 0.2
    kind: str = "summary"
    key: str = "said"
    floor: float = 0.01

    def score(self, hits: list[Hit], query: Query, view: View) -> list[Hit]:
        """The hits by their new scores; each keeps its summary's likeness as its part ``summary``."""
        records = view.get([hit.id for hit in hits])
        sessions = tuple(sorted({record.session for record in records.values() if record.session}))
        if not sessions:
            return hits
        found = view.dense(query.text, key=self.key, k=1000, where=Where(kinds=(self.kind,), sessions=sessions))
        summaries = view.get([hit.id for hit in found])
        of_session: dict[str, float] = {}
        for hit in found:
            of_session.setdefault(summaries[hit.id].session, hit.score)
        out = []
        for hit in hits:
            likeness = of_session.get(records[hit.id].session) if hit.id in records else None
            if likeness is None:
                out.append(hit)
                continue
            mixed = max(self.weight * likeness + (1 - self.weight) * hit.score, self.floor)
            out.append(hit.with_score(mixed, summary=likeness))
        return ranked_by_score(out)
