"""One record a turn, with the words exactly as they were said.

value(e) = text(e): verbatim evidence, nothing summarised, so nothing is lost before a question is known.
Source: raw turns as memory, the baseline of Maharana et al., "LoCoMo", arXiv 2402.17753, 2024.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import ClassVar

from mnemic.core.evidence import Event, Segment
from mnemic.core.record import Record
from mnemic.core.stage import Extractor
from mnemic.core.times import Interval, Times
from mnemic.core.view import View


@dataclass(frozen=True)
class TurnRecord(Extractor):
    """A record of every turn of the segment that says or shows anything, but for the roles in ``without``.

    Captions of pictures are nobody's words: they stay out of the value and wait in
    ``fields["captions"]``. A turn that only shows something has the value ``[image]`` or ``[screen]``. Parameters:
    ``kind`` of the records; ``by_role``, another kind for turns of the roles named.

    >>> from mnemic.core.evidence import Event, Part
    >>> from mnemic.core.times import instant
    >>> turn = Event(id="e1", session="s", role="user", parts=(Part("text", "Hi!"), Part("image", "a cat")),
    ...              actor="Anna", occurred_at=instant("2026-06-02"))
    >>> record, = TurnRecord().extract(Segment((turn,)), view=None)
    >>> record.value, record.actor, record.sources[0].to_json()[:3]
    ('Hi!', 'Anna', ['e1', 0, 3])
    """

    name: ClassVar[str] = "turn_record"
    sight: ClassVar[str] = "event"
    kind: str = "episodic"
    by_role: Mapping[str, str] = field(default_factory=dict)
    without: tuple[str, ...] = ()

    def extract(self, segment: Segment, view: View) -> Iterable[Record]:
        """A draft for each turn with words or captions."""
        return [draft for event in segment.events if event.role not in self.without and (draft := self._draft(event))]

    def _draft(self, event: Event) -> Record | None:
        captions = [caption for caption in event.captions if caption.strip()]
        value = event.text
        if not value.strip():
            if not captions:
                return None
            shown = next(part.kind for part in event.parts if part.kind in ("image", "screen"))
            value = f"[{shown}]"
        return Record(
            id="",
            kind=self.by_role.get(event.role, self.kind),
            value=value,
            fields={"captions": captions} if captions else {},
            times=Times(event=Interval(event.occurred_at, event.occurred_at)),
            sources=(event.span(),),
            session=event.session,
            actor=event.actor,
            role=event.role,
        )
