"""One record a segment: its turns as ``speaker: words`` lines.

value(S) = join(speaker(e) + ": " + text(e) for e in S), the whole passage under one index entry.
Source: session- and segment-level memory units of Pan et al., "SeCom", arXiv 2502.05589, 2025.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import ClassVar

from mnemic.core.evidence import Segment
from mnemic.core.record import Record
from mnemic.core.stage import Extractor
from mnemic.core.times import Interval, Times
from mnemic.core.view import View


@dataclass(frozen=True)
class SegmentRecord(Extractor):
    """A record of the whole segment, from its first turn to its last.

    When a compressor ran, its text is the view ``compressed``; the value stays what was said. Actor and
    role are set when all turns share them. What the segmenter called the segment and said of it are the fields
    ``topic`` and ``about``.

    >>> from mnemic.core.evidence import Event, Part
    >>> from mnemic.core.times import instant
    >>> say = lambda i, who, words: Event(id=f"e{i}", session="s", role="user", actor=who,
    ...     parts=(Part("text", words),), occurred_at=instant(f"2026-06-02T10:0{i}"))
    >>> record, = SegmentRecord().extract(Segment((say(1, "Anna", "Hi"), say(2, "Ben", "Hello"))), view=None)
    >>> record.value
    'Anna: Hi\\nBen: Hello'
    """

    name: ClassVar[str] = "segment_record"
    kind: str = "episodic"

    def extract(self, segment: Segment, view: View) -> Iterable[Record]:
        """One draft; none when nobody said anything."""
        said = [event for event in segment.events if event.text.strip()]
        if not said:
            return []
        captions = [c for event in segment.events for c in event.captions if c.strip()]
        actors, roles = {event.actor for event in said}, {event.role for event in said}
        return [
            Record(
                id="",
                kind=self.kind,
                value="\n".join(f"{event.speaker}: {event.text}" for event in said),
                views={"compressed": _compressed(segment)} if segment.compressed is not None else {},
                fields={
                    **({"captions": captions} if captions else {}),
                    **({"topic": segment.topic} if segment.topic else {}),
                    **({"about": segment.summary} if segment.summary else {}),
                },
                times=Times(event=Interval(min(e.occurred_at for e in said), max(e.occurred_at for e in said))),
                sources=tuple(event.span() for event in said),
                session=said[0].session,
                actor=actors.pop() if len(actors) == 1 else "",
                role=roles.pop() if len(roles) == 1 else "",
            )
        ]


def _compressed(segment: Segment) -> str:
    text = segment.compressed or ""
    if text.count("\n") + 1 != len(segment.events):
        return text
    # A compressor that leaves one line an event drops who said it.
    return "\n".join(f"{event.speaker}: {line}" for event, line in segment.lines)
