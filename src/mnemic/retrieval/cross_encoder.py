"""Cross-encoder: a model reads question and passage together and scores the first hits anew.

    score'(r) = Σ_v w_v · rerank(q, passage_v(r)) + first · score(r)      for the first ``top`` hits

The rest of the list follows below in its old order. The question is read without its frame ("can you list").
In a second round, after an expander, only what is new is read: hits keep what the reranker and the first stage
gave them, and a hit that came in between counts as the least of the first stage.

Source: R. Nogueira and K. Cho, "Passage Re-ranking with BERT", arXiv 1901.04085, 2019.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from mnemic.core.errors import BadInput
from mnemic.core.reading import Hit, Query
from mnemic.core.stage import Scorer
from mnemic.core.view import View
from mnemic.retrieval.framing import bare
from mnemic.retrieval.fusion import ranked_by_score
from mnemic.retrieval.passages import WORDINGS, passages

#: No rule that adds to scores afterwards may lift a hit that was not read over one that was.
_FAR = 100.0


@dataclass(frozen=True)
class CrossEncoder(Scorer):
    """Scores the first ``top`` hits with the reranker, in one or more wordings.

    Parameters: ``top``, how many hits are read; ``passages``, wordings from ``WORDINGS`` (value, turn, dated,
    previous, dated_previous, following, window); ``weights``, one for each wording (default: all 1); ``first``,
    the weight of the score that a hit came with; ``limit``, characters of a turn that are read (half of it for
    the turns around). A hit keeps the weighted sum of what the reranker gave as its part ``reranked``, and what
    it came with as ``first``. Raises BadInput on an unknown wording or a wrong number of weights.

    >>> from mnemic.core.list_view import ListView
    >>> from mnemic.core.record import Record
    >>> texts = ["The tea is cold", "Anna likes green tea", "Rain"]
    >>> view = ListView(Record(id=f"r{i}", kind="episodic", value=t) for i, t in enumerate(texts))
    >>> hits = [Hit(f"r{i}", 1.0 - i / 10, "dense") for i in range(3)]
    >>> query = Query(text="Who likes green tea?", asked_at=view.now)
    >>> [(hit.id, round(hit.score, 2)) for hit in CrossEncoder(top=2).score(hits, query, view)]
    [('r1', 1.0), ('r0', 0.33), ('r2', -99.67)]
    """

    name: ClassVar[str] = "cross_encoder"
    needs: ClassVar[tuple[str, ...]] = ("reranker",)

    top: int = 20
    passages: tuple[str, ...] = ("turn",)
    weights: tuple[float, ...] = ()
    first: float = 0.0
    limit: int = 500

    def __post_init__(self) -> None:
        if unknown := [wording for wording in self.passages if wording not in WORDINGS]:
            raise BadInput(f"cross_encoder.passages: {unknown[0]!r} is unknown; use some of {', '.join(WORDINGS)}")
        if self.weights and len(self.weights) != len(self.passages):
            raise BadInput("cross_encoder.weights: give one for each of passages, or none")

    def score(self, hits: list[Hit], query: Query, view: View) -> list[Hit]:
        """The hits, the first ``top`` by their new score, the rest below them in the old order."""
        read, rest = hits[: self.top], hits[self.top :]
        if not read:
            return list(hits)
        weights = self.weights or (1.0,) * len(self.passages)
        least = min((hit.parts["first"] for hit in read if "first" in hit.parts), default=None)
        parts = [{**hit.parts, "first": hit.parts.get("first", hit.score if least is None else least)} for hit in read]
        wanted = [f"rerank:{wording}" for wording in self.passages]
        unread = [place for place, part in enumerate(parts) if any(name not in part for name in wanted)]
        ids = [read[place].id for place in unread]
        worded = passages(ids, [WORDINGS[wording] for wording in self.passages], self.limit, view) if ids else []
        question = bare(query.text)
        for name, texts in zip(wanted, worded, strict=False):
            for place, value in zip(unread, view.tools.rerank(question, texts), strict=True):
                parts[place][name] = float(value)
        scored = []
        for hit, part in zip(read, parts, strict=True):
            part["reranked"] = sum(weight * part[name] for weight, name in zip(weights, wanted, strict=True))
            score = part["reranked"] + self.first * part["first"]
            scored.append(Hit(hit.id, score, hit.channel, part, hit.path))
        return ranked_by_score(scored) + below(rest, min(hit.score for hit in scored), self.first or 1.0)


def below(rest: list[Hit], floor: float, unit: float) -> list[Hit]:
    """Hits moved, in their order and with their gaps times ``unit``, to far enough below ``floor``.

    >>> [hit.score for hit in below([Hit("a", 5.0, ""), Hit("b", 4.0, "")], 2.0, 8.0)]
    [-98.0, -106.0]
    """
    return [hit.with_score(floor - _FAR + unit * (hit.score - rest[0].score)) for hit in rest]
