"""Cuts a session where its topic shifts: where the turns before and after a gap have little in common.

sim(i) = cos(mean of the w turns before gap i, mean of the w turns after it); a cut where sim(i) lies below
threshold(q) and is a local minimum. Source: M. A. Hearst, "TextTiling: Segmenting text into multi-paragraph
subtopic passages", Computational Linguistics 23(1), 1997, with embeddings in the place of word counts.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from mnemic.core.errors import BadInput
from mnemic.core.evidence import Event, Segment
from mnemic.core.stage import Segmenter
from mnemic.core.view import View

if TYPE_CHECKING:
    from mnemic.core.view import Matrix


@dataclass(frozen=True)
class TopicShift(Segmenter):
    """Segments between topic shifts; the last stays open until the session is closed.

    ``window``: turns on either side of a gap. ``quantile``: share of random pairs of texts that the
    similarity of a cut may reach at most (1 leaves only the local minimum to decide). ``longest``: turns
    after which a segment is cut in any case, so that a session that never shifts is formed all the same.

    Going from left to right, a gap is judged by the turns since the last cut and ``window`` + 1 turns after
    it, never by less: a session retained turn by turn is cut like one retained at once, a segment is not cut
    again, and the last ``window`` turns of a session stay with those before them.
    Needs an embedder. Raises BadInput for a window below 1, a quantile outside [0, 1] or ``longest`` below
    twice the window.

    >>> print(TopicShift(window=2))
    topic_shift(window=2)
    """

    name: ClassVar[str] = "topic_shift"
    needs: ClassVar[tuple[str, ...]] = ("embedder",)
    window: int = 3
    quantile: float = 0.8
    longest: int = 40

    def __post_init__(self) -> None:
        if self.window < 1:
            raise BadInput(f"topic_shift.window: {self.window} must be at least 1 turn")
        if not 0 <= self.quantile <= 1:
            raise BadInput(f"topic_shift.quantile: {self.quantile} must lie in [0, 1]")
        if self.longest < 2 * self.window:
            raise BadInput(f"topic_shift.longest: {self.longest} must be at least twice the window")

    def split(self, events: Sequence[Event], view: View, *, closed: bool) -> Iterable[Segment]:
        """The segments, in order; nothing for no events."""
        events = tuple(events)
        cuts = self._cuts(events, view)
        out = [Segment(events[first:last]) for first, last in zip([0, *cuts], cuts, strict=False)]
        tail = events[cuts[-1] if cuts else 0 :]
        return [*out, Segment(tail, open=not closed)] if tail else out

    def _cuts(self, events: Sequence[Event], view: View) -> list[int]:
        total = len(events)
        if total < min(self.window + 2, self.longest):
            return []
        vectors = view.tools.embed([event.text for event in events])
        floor = view.tools.threshold(self.quantile)
        cuts: list[int] = []
        start = 0
        # Gap i lies before turn i; judging it takes the similarity at i + 1 too.
        for gap in range(1, total):
            known = gap + self.window + 1 <= total
            if gap - start >= self.longest or (known and self._shifts(vectors, start, gap, floor)):
                cuts.append(gap)
                start = gap
        return [*cuts, total] if total - start >= self.longest else cuts

    def _shifts(self, vectors: Matrix, start: int, gap: int, floor: float) -> bool:
        here = self._similarity(vectors, start, gap)
        if here >= floor or here > self._similarity(vectors, start, gap + 1):
            return False
        return gap - 1 == start or here <= self._similarity(vectors, start, gap - 1)

    def _similarity(self, vectors: Matrix, start: int, gap: int) -> float:
        left = vectors[max(start, gap - self.window) : gap].sum(axis=0)
        right = vectors[gap : gap + self.window].sum(axis=0)
        scale = float((left @ left) * (right @ right)) ** 0.5
        return float(left @ right) / scale if scale > 0 else 0.0
