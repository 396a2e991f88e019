"""Writes the text under which a record is found: more than what is shown.

key = date + speaker + words + captions + entities + the turns before, each part by choice. A reply such
as "Yes, last week!" is found through the question it answers and the day on which it was said.
Source: key expansion of Wu et al., "LongMemEval", arXiv 2410.10813, section 5.3, 2024.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from mnemic.core.errors import BadInput
from mnemic.core.evidence import Event, Segment
from mnemic.core.record import Key, Record
from mnemic.core.stage import Annotator
from mnemic.core.times import Times
from mnemic.core.view import View
from mnemic.core.wording import date_words, field_lines
from mnemic.formation.preceding import as_open, preceding

_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


@dataclass(frozen=True)
class IndexText(Annotator):
    """Sets the key ``key`` of a draft from the parts that are switched on.

    ``words``: the value; ``date``: "8 May 2023" (``weekday``: with "Monday" before it); ``speaker``: who
    spoke; ``captions``: of pictures shown; ``entities``: the draft's, so far; ``previous``: so many turns
    of the session before it, with their speakers; ``limit``: characters of the value that enter (0: all).
    Turns that come after are not known when a record is written. ``view``: enter that view of the record in place
    of its value, where it has one. ``fields``: the named fields, tags or entities enter too, each in a line of its
    own. ``lexical`` and ``dense`` say which indexes the key enters; ``kinds``, which drafts get it (None: all). With
    all parts empty no key is set.

    >>> from mnemic.core.evidence import Event, Part
    >>> from mnemic.core.times import Interval, instant
    >>> at = instant("2023-05-08")
    >>> turn = Event(id="e1", session="s", role="user", actor="Anna", parts=(Part("text", "Yes!"),),
    ...              occurred_at=at)
    >>> draft = Record(id="", kind="episodic", value="Yes!", actor="Anna", sources=(turn.span(),),
    ...                times=Times(event=Interval(at, at)))
    >>> IndexText(previous=0).annotate(draft, Segment((turn,)), view=None).keys["text"].text
    '8 May 2023\\nAnna: Yes!'
    """

    name: ClassVar[str] = "index_text"
    looks: ClassVar[str] = "event"
    key: str = "text"
    words: bool = True
    date: bool = True
    weekday: bool = False
    speaker: bool = True
    captions: bool = True
    entities: bool = False
    previous: int = 1
    limit: int = 0
    view: str = "full"
    fields: tuple[str, ...] = ()
    lexical: bool = True
    dense: bool = True
    kinds: tuple[str, ...] | None = None

    def __post_init__(self) -> None:
        if self.previous < 0:
            raise BadInput(f"index_text.previous: {self.previous} must be 0 or more turns")
        if not self.key:
            raise BadInput("index_text.key: give the key a name, such as 'text'")

    def annotate(self, draft: Record, segment: Segment, view: View) -> Record:
        """The draft with the key; other keys stay."""
        if self.kinds is not None and draft.kind not in self.kinds:
            return draft
        text = "\n".join(part for part in self._parts(draft, segment, view) if part.strip())
        if not text:
            return draft
        return draft.with_(keys={**draft.keys, self.key: Key(text, self.lexical, self.dense)})

    def _parts(self, draft: Record, segment: Segment, view: View) -> list[str]:
        cited = {span.source for span in draft.sources}
        own = [event for event in segment.events if event.id in cited]
        parts = [self._date(draft.times)]
        if self.words:
            who = draft.actor or draft.role
            shown = draft.shown(self.view)
            words = shown[: self.limit] if self.limit else shown
            parts.append(f"{who}: {words}" if self.speaker and who else words)
        elif self.speaker:
            parts.append(draft.actor or draft.role)
        if self.captions:
            parts.extend(caption for event in own for caption in event.captions)
        if self.entities:
            parts.append(", ".join(draft.entities))
        parts.extend(field_lines(draft, self.fields))
        if self.previous and own:
            place = segment.events.index(own[0])
            before = preceding(own[0], segment.events[:place], view, self.previous)
            parts.extend(self._line(event) for event in as_open(own[0], before))
        return parts

    def _date(self, times: Times) -> str:
        if not self.date or times.event is None:
            return ""
        day = times.event.start
        return f"{_DAYS[day.weekday()]}, {date_words(day)}" if self.weekday else date_words(day)

    def _line(self, event: Event) -> str:
        captions = event.captions if self.captions else ()
        said = "\n".join(text for text in (event.text, *captions) if text.strip())
        return f"{event.speaker}: {said}" if self.speaker and said else said
