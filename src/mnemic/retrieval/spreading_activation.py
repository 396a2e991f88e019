"""Spreading activation: what the first hits are related to lights up, weaker with every step, stronger along causes.

    a(entry) = score / best score;   a(next) = min(1, a · weight(edge) · boost(rel) · decay),  while a(next) > stop

Source: the graph search of C. Latimer et al., "Hindsight", arXiv 2512.12818, 2025; A. Collins and E. Loftus, "A
Spreading-Activation Theory of Semantic Processing", 1975.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import ClassVar

from mnemic.core.reading import Hit, Query
from mnemic.core.record import Edge
from mnemic.core.stage import Expander
from mnemic.core.view import View
from mnemic.retrieval.fusion import ranked_by_score
from mnemic.retrieval.scope import in_scope

#: So many records pass their activation on in one step: one read of edges serves them all.
_AT_ONCE = 8


@dataclass(frozen=True)
class SpreadingActivation(Expander):
    """Activates records from the first ``top`` hits on, each of which passes its activation on once.

    Activation is relative to the best hit, so that it means the same behind every channel. Parameters: ``rels``, which
    relations are followed (None: all), in both directions; ``decay`` a step, 0..1; ``boosts``, factors by the note of
    an edge, else its relation; ``stop``, the activation at which it dies out; ``limit``, records activated at most.

    >>> from mnemic.core.list_view import ListView
    >>> from mnemic.core.record import Record
    >>> view = ListView([Record(id=i, kind="note", value=i) for i in "abcd"],
    ...                 [Edge(src="a", dst="b", rel="cause"), Edge(src="a", dst="c", rel="similar", weight=0.5),
    ...                  Edge(src="c", dst="d", rel="similar", weight=0.2)])
    >>> stage = SpreadingActivation(boosts={"cause": 1.2})
    >>> hits = stage.expand([Hit("a", 0.7, "dense")], Query(text="", asked_at=view.now), view)
    >>> [(hit.id, round(hit.score, 2)) for hit in hits]
    [('a', 1.0), ('b', 0.96), ('c', 0.4)]
    """

    name: ClassVar[str] = "spreading_activation"

    rels: tuple[str, ...] | None = None
    decay: float = 0.8
    boosts: Mapping[str, float] = field(default_factory=dict)
    stop: float = 0.1
    top: int = 5
    limit: int = 300

    def expand(self, hits: list[Hit], query: Query, view: View) -> list[Hit]:
        """The hits and all that they activate, by activation."""
        best = max((hit.score for hit in hits), default=0.0)
        if best <= 0:
            return hits
        active = {hit.id: hit.with_score(max(hit.score / best, 0.0)) for hit in hits}
        waiting = {hit.id: active[hit.id] for hit in hits[: self.top]}
        passed: set[str] = set()
        while waiting and len(active) < self.limit:
            # The most active pass on first: in a dense graph they fill the limit before the others are read.
            here = {hit.id: hit for hit in ranked_by_score(waiting.values())[:_AT_ONCE]}
            waiting = {record_id: hit for record_id, hit in waiting.items() if record_id not in here}
            passed.update(here)
            reached = self._reached(here, passed, view)
            allowed = in_scope(reached, query.where, view)
            for hit in ranked_by_score(reached.values()):
                known = active.get(hit.id)
                if hit.id not in allowed or (known is None and len(active) >= self.limit):
                    continue
                if known is None or hit.score > known.score:
                    active[hit.id] = hit if known is None else known.with_score(hit.score, activation=hit.score)
                    waiting[hit.id] = active[hit.id]
        return ranked_by_score(active.values())

    def _reached(self, here: Mapping[str, Hit], passed: set[str], view: View) -> dict[str, Hit]:
        beyond: dict[str, Hit] = {}
        for edge in view.edges(list(here), rels=self.rels, direction="both"):
            for start, end in ((edge.src, edge.dst), (edge.dst, edge.src)):
                if start not in here or end in passed:
                    continue
                value = min(1.0, here[start].score * edge.weight * self._boost(edge) * self.decay)
                if value > self.stop and (end not in beyond or value > beyond[end].score):
                    path = (*here[start].path, start, edge.rel)
                    beyond[end] = Hit(end, value, self.name, {"activation": value}, path)
        return beyond

    def _boost(self, edge: Edge) -> float:
        return self.boosts.get(edge.note, self.boosts.get(edge.rel, 1.0))
