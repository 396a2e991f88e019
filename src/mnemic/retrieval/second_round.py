"""Second round: the first hits say what the answer sounds like; search again with that.

    q' = q + β · mean(vectors of the first n hits);   score(r) = minmax(first score) + weight · minmax(cos(q', r))

Source: J. J. Rocchio, "Relevance Feedback in Information Retrieval", 1971.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from mnemic.core.reading import Hit, Query, Ranked
from mnemic.core.stage import Expander
from mnemic.core.view import View
from mnemic.retrieval.fusion import fuse
from mnemic.retrieval.weighted_sum import minmax


@dataclass(frozen=True)
class SecondRound(Expander):
    """Searches again with the question moved towards the first ``top`` hits, and joins both rounds.

    Parameters: ``key``, the dense key; ``top``, how many hits are taken as right; ``beta``, how far to move;
    ``k``, hits of the second search; ``weight``, of the second round against the first.

    >>> from mnemic.core.list_view import ListView
    >>> from mnemic.core.record import Key, Record
    >>> texts = ["Our dog Rex", "Rex chased a ball", "Rain"]
    >>> view = ListView(Record(id=str(i), kind="note", value=t, keys={"turn": Key(t)}) for i, t in enumerate(texts))
    >>> query = Query(text="Which dog?", asked_at=view.now)
    >>> [hit.id for hit in SecondRound(top=1, k=2).expand([Hit("0", 1.0, "dense")], query, view)]
    ['0', '1']
    """

    name: ClassVar[str] = "second_round"
    needs: ClassVar[tuple[str, ...]] = ("embedder",)

    key: str = "turn"
    top: int = 3
    beta: float = 0.5
    k: int = 50
    weight: float = 0.5

    def expand(self, hits: list[Hit], query: Query, view: View) -> list[Hit]:
        """The hits of both rounds; those of the first as they are when none of its first hits has a vector."""
        vectors = view.vectors([hit.id for hit in hits[: self.top]], key=self.key)
        if not vectors:
            return hits
        import numpy as np

        moved = view.tools.embed_query(query.text) + self.beta * np.mean(list(vectors.values()), axis=0)
        length = float(np.linalg.norm(moved))
        if not length:
            return hits
        found = view.dense((moved / length).astype(np.float32), key=self.key, k=self.k, where=query.where)
        again = [Hit(hit.id, hit.score, self.name, {"cosine": hit.score}, ("feedback",)) for hit in found]
        first = minmax([hit.score for hit in hits])
        second = [self.weight * value for value in minmax([hit.score for hit in again])]
        return fuse([(Ranked(hits, "first_round"), first), (Ranked(again, self.name), second)])
