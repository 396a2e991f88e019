"""Fixed windows over the turns of a session, optionally overlapping.

Window i ends after (i + 1) * stride turns and shows the last ``size`` turns up to there; what is new
in the windows covers the session exactly, the rest is looked up again as context.
Source: fixed windows are the baseline of M. A. Hearst, "TextTiling", Computational Linguistics 23(1), 1997.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import ClassVar

from mnemic.core.errors import BadInput
from mnemic.core.evidence import Event, Segment
from mnemic.core.stage import Segmenter
from mnemic.core.view import View
from mnemic.formation.preceding import preceding


@dataclass(frozen=True)
class TurnWindow(Segmenter):
    """Windows of ``size`` turns, a new one every ``stride`` turns (``None``: every ``size``, no overlap).

    The last window stays open until it is full or the session is closed. With a stride below the size
    a segment also holds turns of the one before, so that an extractor which makes a record of every
    turn would make some twice: use one that makes a record of every segment.
    Raises BadInput unless ``1 <= stride <= size``.

    >>> print(TurnWindow(size=4, stride=2))
    turn_window(size=4, stride=2)
    """

    name: ClassVar[str] = "turn_window"
    size: int = 10
    stride: int | None = None

    def __post_init__(self) -> None:
        if not 1 <= (self.stride or self.size) <= self.size or self.stride == 0:
            raise BadInput(f"turn_window.stride: {self.stride} must lie between 1 and size ({self.size})")

    def split(self, events: Sequence[Event], view: View, *, closed: bool) -> Iterable[Segment]:
        """The windows, in order."""
        stride = self.stride or self.size
        overlap = self.size - stride
        events = tuple(events)
        for start in range(0, len(events), stride):
            fresh = events[start : start + stride]
            if len(fresh) < stride and not closed:
                # Context stays out of an open segment: its events would be counted as left over again.
                yield Segment(fresh, open=True)
                continue
            yield Segment((*preceding(fresh[0], events[:start], view, overlap), *fresh))
