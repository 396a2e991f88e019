"""Notes the times that a record's words speak of, resolved against the day on which they were said.

"I ran a race last Sunday", said on Thursday 25 May 2023, speaks of [2023-05-21, 2023-05-22). The record's
``times.event`` stays when it was said, which keeps a session in order.
Source: TIMEX3 normalisation, J. Strötgen and M. Gertz, "HeidelTime", SemEval 2010.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from mnemic.core.evidence import Segment
from mnemic.core.record import Record
from mnemic.core.stage import Annotator
from mnemic.core.time_expressions import TimeMention, find_times
from mnemic.core.view import View


@dataclass(frozen=True)
class EventTimes(Annotator):
    """Sets ``fields["times"]`` to a list of {text, start, end, kind, precision}, in order of mention.

    What recurs ("every Monday") has no interval to be found by: its words go to ``fields["recurring"]``.
    Turns of a longer segment are resolved each against its own day. A draft without time mentions, or
    without sources in the segment, stays as it is.

    >>> from mnemic.core.evidence import Event, Part
    >>> from mnemic.core.times import instant
    >>> turn = Event(id="e1", session="s", role="user", parts=(Part("text", "I ran a race last Sunday"),),
    ...              occurred_at=instant("2023-05-25"))
    >>> draft = Record(id="", kind="episodic", value=turn.text, sources=(turn.span(),))
    >>> found, = EventTimes().annotate(draft, Segment((turn,)), view=None).fields["times"]
    >>> found["text"], found["start"][:10], found["precision"]
    ('last Sunday', '2023-05-21', 'day')
    """

    name: ClassVar[str] = "event_times"
    sight: ClassVar[str] = "event"

    def annotate(self, draft: Record, segment: Segment, view: View) -> Record:
        """The draft with the intervals that its sources mention."""
        cited = {span.source for span in draft.sources}
        mentions = [
            mention
            for event in segment.events
            if event.id in cited
            for mention in find_times(event.text, event.occurred_at)
        ]
        if not mentions:
            return draft
        times = [_note(mention) for mention in mentions if mention.kind != "recurring"]
        recurring = [mention.text for mention in mentions if mention.kind == "recurring"]
        found: dict[str, object] = {}
        if times:
            found["times"] = times
        if recurring:
            found["recurring"] = recurring
        return draft.with_(fields={**draft.fields, **found})


def _note(mention: TimeMention) -> dict[str, str]:
    return {
        "text": mention.text,
        "start": mention.interval.start.isoformat(),
        "end": mention.interval.end.isoformat(),
        "kind": mention.kind,
        "precision": mention.precision,
    }
