"""Timeline paths: not a memory but the way that led to it and on from it is what is found.

    past paths × future paths through a hit, without a node twice;
    score(path) = mean score of its nodes + 0.5 · mean preference of its relations + 0.2 · recency of its last node

Edges lead from earlier to later. Of each hit's paths the best that holds something new is taken; a node beyond the hits
scores what it has in common with the question. Counting all paths can take for ever, so that at most ``most`` are
looked at, the strongest relations and the newest records first.
Source: K. Ong et al., "Towards Lifelong Dialogue Agents via Timeline-based Memory Management" (THEANINE), arXiv
2406.10996, 2024, where one path is drawn at random and paths are not capped.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from statistics import fmean
from typing import ClassVar

from mnemic.core.reading import Hit, Query
from mnemic.core.record import Edge, Record
from mnemic.core.record_times import when_of
from mnemic.core.stage import Expander
from mnemic.core.view import View
from mnemic.retrieval.scope import in_scope

Way = tuple[str, ...]


@dataclass(frozen=True)
class TimelinePaths(Expander):
    """The best path through each of the first ``top`` hits, its records in order of the path.

    Every record of a path carries it as its hit's ``path``: id, relation, id, ... Parameters: ``rels``, relations that
    are followed with their preference, 0..1; ``key``, the dense key by which nodes are compared with the question;
    ``most``, paths looked at on either side of a hit; ``length``, steps on either side at most.

    >>> from mnemic.core.list_view import ListView
    >>> from mnemic.core.record import Key
    >>> def note(i):
    ...     return Record(id=i, kind="note", value=i, keys={"said": Key(i)})
    >>> view = ListView([note(i) for i in ("born", "moved", "works")], [Edge(src="born", dst="moved", rel="cause"),
    ...                 Edge(src="moved", dst="works", rel="changed")])
    >>> hits = TimelinePaths().expand([Hit("moved", 1.0, "dense")], Query(text="works", asked_at=view.now), view)
    >>> [hit.id for hit in hits], hits[0].path
    (['born', 'moved', 'works'], ('born', 'cause', 'moved', 'changed', 'works'))
    """

    name: ClassVar[str] = "timeline_paths"
    needs: ClassVar[tuple[str, ...]] = ("embedder",)

    rels: Mapping[str, float] = field(
        default_factory=lambda: {
            "changed": 1.0,
            "cause": 1.0,
            "reason": 1.0,
            "hindered_by": 1.0,
            "react": 1.0,
            "want": 1.0,
            "same_topic": 0.3,
        }
    )
    key: str = "said"
    top: int = 3
    most: int = 7
    length: int = 12

    def expand(self, hits: list[Hit], query: Query, view: View) -> list[Hit]:
        """The paths' records, the best path first, then the hits through which no path leads."""
        graph = _Graph(self, hits[: self.top], query, view)
        found = {hit.id: hit for hit in hits}
        out: dict[str, Hit] = {}
        for hit in hits[: self.top]:
            path = graph.best_path(hit, set(out))
            for record_id in path[::2]:
                known = found.get(record_id)
                parts = {**(known.parts if known else {}), "path": graph.score(path)}
                score = max(known.score if known else 0.0, hit.score)
                out.setdefault(record_id, Hit(record_id, score, known.channel if known else self.name, parts, path))
        return [*out.values(), *(hit for hit in hits if hit.id not in out)]


@dataclass(slots=True)
class _Graph:
    """The edges, records and likenesses around the hits, read as the walk needs them."""

    stage: TimelinePaths
    hits: list[Hit]
    query: Query
    view: View
    records: dict[str, Record] = field(default_factory=dict)
    likeness: dict[str, float] = field(default_factory=dict)
    sides: dict[str, dict[str, list[Edge]]] = field(default_factory=lambda: {"in": {}, "out": {}})

    def __post_init__(self) -> None:
        self._load([hit.id for hit in self.hits])

    def best_path(self, hit: Hit, taken: set[str]) -> Way:
        """The best of the paths through a hit, those with something new before those without."""
        pasts, futures = self._ways(hit.id, "in"), self._ways(hit.id, "out")
        paths = [
            (*past[:0:-1], *future)
            for past in pasts
            for future in futures
            if not set(past[2::2]).intersection(future[2::2])
        ]
        # A path from the past is read backwards, so that it runs from the earliest record to the hit.
        paths = paths or [(*past[:0:-1], hit.id) for past in pasts]
        return max(paths, key=lambda path: (not taken.issuperset(path[::2]), self.score(path)))

    def score(self, path: Way) -> float:
        """How well a path answers."""
        preference = fmean(self.stage.rels[rel] for rel in path[1::2]) if len(path) > 1 else 0.0
        alike = fmean(self.likeness.get(record_id, 0.0) for record_id in path[::2])
        return alike + 0.5 * preference + 0.2 * self._recency(path[-1])

    def _recency(self, record_id: str) -> float:
        when = when_of(self.records[record_id])
        if when is None:
            return 0.0
        return float(2.0 ** (-max((self.query.asked_at - when).days, 0) / 365.0))

    def _ways(self, start: str, direction: str) -> list[Way]:
        """Up to ``most`` simple paths from a record to where no edge leads on."""
        ended: list[Way] = []
        open_ways: list[Way] = [(start,)]
        while open_ways and len(ended) < self.stage.most:
            way = open_ways.pop()
            onward = [] if len(way) // 2 >= self.stage.length else self._onward(way, direction)
            if onward:
                open_ways.extend(reversed(onward))
            else:
                ended.append(way)
        return ended

    def _onward(self, way: Way, direction: str) -> list[Way]:
        edges = self._edges(way[-1], direction)
        ends = [(edge, edge.src if direction == "in" else edge.dst) for edge in edges]
        ends = [(edge, end) for edge, end in ends if end not in way[::2] and end in self.records]
        ends.sort(key=lambda pair: (-self.stage.rels[pair[0].rel], -self._recency(pair[1]), pair[1]))
        # No more are needed than paths may be counted, since each leads to one at least.
        return [(*way, edge.rel, end) for edge, end in ends[: self.stage.most]]

    def _edges(self, record_id: str, direction: str) -> list[Edge]:
        side = self.sides[direction]
        if record_id not in side:
            found = self.view.edges([record_id], rels=tuple(self.stage.rels), direction=direction)
            side[record_id] = found
            self._load([edge.src if direction == "in" else edge.dst for edge in found])
        return side[record_id]

    def _load(self, ids: list[str]) -> None:
        missing = [record_id for record_id in ids if record_id not in self.records]
        if not missing:
            return
        self.records.update(in_scope(missing, self.query.where, self.view))
        question = self.view.tools.embed_query(self.query.text)
        rows = self.view.vectors(missing, key=self.stage.key)
        self.likeness.update((record_id, float(question @ row)) for record_id, row in rows.items())
