"""Sources: what a hit was derived from comes along, so that an inference never stands without its evidence."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from mnemic.core.reading import Hit, Query
from mnemic.core.stage import Expander
from mnemic.core.view import View
from mnemic.retrieval.scope import in_scope, narrow


@dataclass(frozen=True)
class Sources(Expander):
    """Adds the records that a hit names as ``derived_from``, and those that rest on the same events.

    An added record stands right behind the first hit that leads to it, with ``share`` of its score.
    Parameters: ``kinds``, which records of the same events are added; ``share``, 0..1; ``instead``, whether a hit that
    leads to a source gives way to it.

    >>> from mnemic.core.list_view import ListView
    >>> from mnemic.core.evidence import Span
    >>> from mnemic.core.record import Record
    >>> turn = Record(id="t", kind="episodic", value="We live in Porto", sources=(Span("e1"),), session="s")
    >>> fact = Record(id="f", kind="semantic", value="Anna lives in Porto", sources=(Span("e1"),), session="s")
    >>> view = ListView([turn, fact])
    >>> hits = Sources().expand([Hit("f", 1.0, "dense")], Query(text="", asked_at=view.now), view)
    >>> [(hit.id, hit.path) for hit in hits]
    [('f', ()), ('t', ('f', 'source'))]
    """

    name: ClassVar[str] = "sources"

    kinds: tuple[str, ...] = ("episodic",)
    share: float = 0.9
    instead: bool = False

    def expand(self, hits: list[Hit], query: Query, view: View) -> list[Hit]:
        """The hits, each followed by its sources that were not found themselves."""
        records = view.get([hit.id for hit in hits])
        derived = [record for record in records.values() if record.kind not in self.kinds]
        sessions = {record.session for record in derived if record.session}
        if query.where.sessions is not None:
            sessions.intersection_update(query.where.sessions)
        where = narrow(query.where.and_(sessions=tuple(sorted(sessions))), self.kinds)
        of_event: dict[str, list[str]] = {}
        if sessions and where is not None:
            for record in view.scan(where):
                for span in record.sources:
                    of_event.setdefault(span.source, []).append(record.id)
        parents = in_scope({parent for record in derived for parent in record.derived_from}, query.where, view)
        seen = {hit.id for hit in hits}
        out: list[Hit] = []
        for hit in hits:
            out.append(hit)
            record_found = records.get(hit.id)
            if record_found is None or record_found.kind in self.kinds:
                continue
            named = [parent for parent in record_found.derived_from if parent in parents]
            same = [other for span in record_found.sources for other in of_event.get(span.source, ())]
            if self.instead and (named or same):
                out.pop()
            for source in (*named, *same):
                if source not in seen:
                    seen.add(source)
                    score = hit.score * self.share
                    out.append(Hit(source, score, self.name, {"source": score}, (*hit.path, hit.id, "source")))
        return out
