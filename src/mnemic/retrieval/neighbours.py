"""Neighbours: what was said just before and after a hit comes along, right behind it.

A turn is often answered, or asked for, by the turn next to it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from mnemic.core.reading import Hit, Query
from mnemic.core.stage import Expander
from mnemic.core.view import View
from mnemic.retrieval.scope import in_scope


@dataclass(frozen=True)
class Neighbours(Expander):
    """Adds the ``before`` and ``after`` records around each hit of the first ``top``, in their session.

    A neighbour that was not found itself takes ``share`` of the score of the best hit it stands beside
    and is placed right behind it. ``top`` counts hits (0: all), ``most`` the neighbours added (0: all).

    >>> from mnemic.core.list_view import ListView
    >>> from mnemic.core.record import Record
    >>> view = ListView(Record(id=f"r{i}", kind="episodic", value=str(i), session="s1") for i in range(4))
    >>> hits = Neighbours().expand([Hit("r1", 1.0, "dense")], Query(text="", asked_at=view.now), view)
    >>> [(hit.id, hit.score, hit.path) for hit in hits]
    [('r1', 1.0, ()), ('r0', 0.5, ('r1', 'neighbour')), ('r2', 0.5, ('r1', 'neighbour'))]
    """

    name: ClassVar[str] = "neighbours"

    before: int = 1
    after: int = 1
    top: int = 0
    share: float = 0.5
    most: int = 0

    def expand(self, hits: list[Hit], query: Query, view: View) -> list[Hit]:
        """The hits, each followed by its neighbours that were not found themselves."""
        roots = hits[: self.top] if self.top else hits
        beside = view.neighbours([hit.id for hit in roots], before=self.before, after=self.after)
        allowed = in_scope({n for row in beside.values() for n in row}, query.where, view)
        seen = {hit.id for hit in hits}
        enough = len(hits) + (self.most or len(allowed))
        out: list[Hit] = []
        for hit in hits:
            out.append(hit)
            for neighbour in beside.get(hit.id, ()):
                if neighbour in allowed and neighbour not in seen and len(seen) < enough:
                    seen.add(neighbour)
                    score = hit.score * self.share
                    path = (*hit.path, hit.id, "neighbour")
                    out.append(Hit(neighbour, score, self.name, {"neighbour": score}, path))
        return out
