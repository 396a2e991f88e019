"""Late formation: records that cost a language model are made when the bank is idle, of what was said since then.

    since the last run: events -> segments of n turns of a session -> extract -> resolve

Taking events in stays as fast as without a model, and what was said can be found at once. A model that fails leaves the
rule due, with nothing half done.
Source: this project; memory work at idle time as in K. Lin et al., "Sleep-time Compute", arXiv 2504.13171, 2025.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import ClassVar

from mnemic.core.errors import BadInput
from mnemic.core.evidence import Event, Segment
from mnemic.core.op import Op
from mnemic.core.reading import Where
from mnemic.core.stage import Consolidator, Extractor, Resolver
from mnemic.core.view import View
from mnemic.evolution.insert_only import InsertOnly


@dataclass(frozen=True)
class LateFormation(Consolidator):
    """Has ``extract`` make drafts of segments of at most ``turns`` turns, and ``resolve`` take them in, all at once.

    A draft is derived from the records of its events, of kind ``of``, so that a read finds from one to the other.
    Events that carry facts of their own are left to who reads those. Raises BadInput when ``turns`` is below 1.

    >>> from mnemic.core.evidence import Part
    >>> from mnemic.core.list_view import ListView
    >>> from mnemic.core.times import instant
    >>> turn = Event(id="e1", session="s", role="user", parts=(Part("text", "I moved."),),
    ...              occurred_at=instant("2026-06-02"), seq=1)
    >>> from mnemic.core.record import Record
    >>> class Loud(Extractor):
    ...     def extract(self, segment, view):
    ...         turns = segment.events
    ...         return [Record(id="", kind="semantic", value=e.text.upper(), sources=(e.span(),)) for e in turns]
    >>> said = Record(id="r1", kind="episodic", value="I moved.", sources=(turn.span(),), session="s")
    >>> op, = LateFormation(Loud()).run(ListView([said], events=[turn]), since=0)
    >>> op.kind, op.record.value, op.record.derived_from
    ('ADD', 'I MOVED.', ('r1',))
    """

    name: ClassVar[str] = "late_formation"

    extract: Extractor | None = None
    resolve: Resolver = field(default_factory=InsertOnly)
    turns: int = 10
    of: str = "episodic"

    def __post_init__(self) -> None:
        if self.turns < 1:
            raise BadInput(f"late_formation.turns: {self.turns} turns make no segment; give 1 or more")

    def run(self, view: View, since: int) -> Iterable[Op]:
        """The ops of ``resolve`` for what was extracted."""
        events = [event for event in view.retained(since) if event.text.strip() and not event.meta.get("facts")]
        if not events or self.extract is None:
            return []
        records = self._records(events, view)
        drafts = []
        for segment in self._segments(events):
            for draft in self.extract.extract(segment, view):
                above = dict.fromkeys(i for span in draft.sources for i in records.get(span.source, ()))
                known = tuple(dict.fromkeys((*draft.derived_from, *above)))
                drafts.append(draft.with_(id=view.tools.new_id(), state="proposed", derived_from=known))
        return self.resolve.resolve(drafts, view)

    def _segments(self, events: Sequence[Event]) -> Iterable[Segment]:
        sessions: dict[str, list[Event]] = {}
        for event in events:
            sessions.setdefault(event.session, []).append(event)
        for told in sessions.values():
            for start in range(0, len(told), self.turns):
                yield Segment(tuple(told[start : start + self.turns]))

    def _records(self, events: Sequence[Event], view: View) -> dict[str, list[str]]:
        sessions = tuple(dict.fromkeys(event.session for event in events))
        out: dict[str, list[str]] = {}
        for record in view.scan(Where(kinds=(self.of,), sessions=sessions)):
            for span in record.sources:
                out.setdefault(span.source, []).append(record.id)
        return out
