"""A session is one segment, formed when it is over.

S = {e_1 .. e_n}, open until the session is closed.
Source: the session granularity of Wu et al., "LongMemEval", arXiv 2410.10813, 2024.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import ClassVar

from mnemic.core.evidence import Event, Segment
from mnemic.core.stage import Segmenter
from mnemic.core.view import View


@dataclass(frozen=True)
class PerSession(Segmenter):
    """One segment a session; nothing is formed from it before the session ends.

    >>> print(PerSession())
    per_session()
    """

    name: ClassVar[str] = "per_session"
    unit: ClassVar[str] = "session"

    def split(self, events: Sequence[Event], view: View, *, closed: bool) -> Iterable[Segment]:
        """The events as one segment, open unless ``closed``; nothing for no events."""
        return [Segment(tuple(events), open=not closed)] if events else []
