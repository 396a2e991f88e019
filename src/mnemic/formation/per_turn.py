"""Every event is a segment of its own.

S_i = {e_i}: nothing waits, so a turn can be recalled as soon as it is retained.
Source: the turn granularity of Wu et al., "LongMemEval", arXiv 2410.10813, 2024.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import ClassVar

from mnemic.core.evidence import Event, Segment
from mnemic.core.stage import Segmenter
from mnemic.core.view import View


@dataclass(frozen=True)
class PerTurn(Segmenter):
    """One closed segment an event.

    >>> print(PerTurn())
    per_turn()
    """

    name: ClassVar[str] = "per_turn"
    sight: ClassVar[str] = "event"
    unit: ClassVar[str] = "turn"

    def split(self, events: Sequence[Event], view: View, *, closed: bool) -> Iterable[Segment]:
        """A segment for each event, in order."""
        return [Segment((event,)) for event in events]
