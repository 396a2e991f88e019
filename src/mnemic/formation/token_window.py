"""Token window: whole turns up to a size in tokens make one segment.

    a segment closes before the turn with which it would hold more than ``tokens`` tokens

Source: passages of a fixed size, as in H. Qian et al., "MemoRAG", arXiv 2409.05591, 2024 (512 tokens), and R. Zeng et
al., "On the Structural Memory of LLM Agents", arXiv 2412.15266, 2024 (1,000).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import ClassVar

from mnemic.core.errors import BadInput
from mnemic.core.evidence import Event, Segment
from mnemic.core.stage import Segmenter
from mnemic.core.view import View


@dataclass(frozen=True)
class TokenWindow(Segmenter):
    """Segments of at most ``tokens`` tokens, speakers counted in; a longer turn is a segment of its own.

    The last one stays open until it is full or the session is closed. Raises BadInput below 1 token.

    >>> from mnemic.core.evidence import Part
    >>> from mnemic.core.list_view import ListView
    >>> from mnemic.core.times import instant
    >>> events = [Event(id=f"e{i}", session="s", role="user", parts=(Part("text", "tea " * 5),),
    ...                 occurred_at=instant("2026-06-02")) for i in range(3)]
    >>> [(len(s.events), s.open) for s in TokenWindow(16).split(events, ListView([]), closed=False)]
    [(2, False), (1, True)]
    """

    name: ClassVar[str] = "token_window"
    unit: ClassVar[str] = "passage"

    tokens: int = 512

    def __post_init__(self) -> None:
        if self.tokens < 1:
            raise BadInput(f"token_window.tokens: {self.tokens} must be 1 or more")

    def split(self, events: Sequence[Event], view: View, *, closed: bool) -> Iterable[Segment]:
        """The segments, in order."""
        run: list[Event] = []
        spent = 0
        for event in events:
            size = view.tools.count_tokens(f"{event.speaker}: {event.text}\n")
            if run and spent + size > self.tokens:
                yield Segment(tuple(run))
                run, spent = [], 0
            run.append(event)
            spent += size
        if run:
            yield Segment(tuple(run), open=not closed and spent < self.tokens)
