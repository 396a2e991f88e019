"""Buffered topics: turns fill a buffer; when it is full it is cut where two signals agree that the topic changes.

    similarity cut before i:   cos(i-1, i) < θ(q), with q rising until some pair lies below it
    attention cut before i:    a_i is a local minimum;   a_i = w(i, i-1) / Σ_j<i w(i, j),   w = shared words by idf
    cut = similarity cuts within ``reach`` turns of an attention cut; else all similarity cuts; else none

The part before the first cut is handed on, the rest stays, since its topic may go on. a_i says how much of what a
turn takes up from the buffer it takes from the turn just before: the place of an encoder's attention, which an embedder
does not give out.
Source: J. Fang et al., "LightMem", arXiv 2510.18866, 2025.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import ClassVar

from mnemic.core.analysis import terms
from mnemic.core.errors import BadInput
from mnemic.core.evidence import Event, Segment
from mnemic.core.stage import Segmenter
from mnemic.core.view import View

#: The thresholds that are tried, as quantiles of random pairs: from rarely below to mostly below.
QUANTILES = (0.5, 0.6, 0.7, 0.8, 0.9, 0.95)


@dataclass(frozen=True)
class BufferedTopics(Segmenter):
    """Segments by topic out of a buffer of ``tokens`` tokens; a session retained turn by turn is cut like one at once.

    Parameters: ``tokens``, size of the buffer; ``counted``, whose turns fill it (None: everybody's); ``least``, tokens
    that parts are joined up to before they are handed on, so that one call reads them together; ``reach``, how many
    turns apart the two signals may be; ``attention``, whether the second signal is asked at all.
    Raises BadInput for a buffer without room.

    >>> print(BufferedTopics(tokens=256))
    buffered_topics(tokens=256)
    """

    name: ClassVar[str] = "buffered_topics"
    needs: ClassVar[tuple[str, ...]] = ("embedder",)

    tokens: int = 512
    counted: tuple[str, ...] | None = None
    least: int = 0
    reach: int = 3
    attention: bool = True

    def __post_init__(self) -> None:
        if self.tokens < 1:
            raise BadInput(f"buffered_topics.tokens: {self.tokens} must be at least 1")

    def split(self, events: Sequence[Event], view: View, *, closed: bool) -> Iterable[Segment]:
        """The segments, in order; what is still in the buffer is open unless ``closed``."""
        parts: list[list[Event]] = []
        buffer: list[Event] = []
        for event in events:
            # One part at a time: whoever starts again behind a part that was formed finds the same buffer.
            while buffer and sum(self._size(one, view) for one in (*buffer, event)) > self.tokens:
                end = self._first_cut(buffer, view)
                parts.append(buffer[:end])
                buffer = buffer[end:]
            buffer.append(event)
        return self._joined(parts, buffer, view, closed=closed)

    def _joined(
        self, parts: Sequence[list[Event]], buffer: Sequence[Event], view: View, *, closed: bool
    ) -> list[Segment]:
        out: list[Segment] = []
        waiting: list[Event] = []
        for part in parts:
            waiting.extend(part)
            if sum(view.tools.count_tokens(event.text) for event in waiting) >= self.least:
                out.append(Segment(tuple(waiting)))
                waiting = []
        rest = (*waiting, *buffer)
        return [*out, Segment(rest, open=not closed)] if rest else out

    def _size(self, event: Event, view: View) -> int:
        if self.counted is not None and event.role not in self.counted:
            return 0
        return view.tools.count_tokens(event.text)

    def _first_cut(self, buffer: Sequence[Event], view: View) -> int:
        cuts = self._similarity_cuts(buffer, view)
        if self.attention and cuts:
            coarse = attention_cuts([event.text for event in buffer])
            cuts = [cut for cut in cuts if any(abs(cut - other) <= self.reach for other in coarse)] or cuts
        return cuts[0] if cuts else len(buffer)

    def _similarity_cuts(self, buffer: Sequence[Event], view: View) -> list[int]:
        if len(buffer) < 2:
            return []
        vectors = view.tools.embed([event.text for event in buffer])
        near = [float(vectors[i - 1] @ vectors[i]) for i in range(1, len(buffer))]
        for quantile in QUANTILES:
            floor = view.tools.threshold(quantile)
            if cuts := [i for i, cosine in enumerate(near, start=1) if cosine < floor]:
                return cuts
        return []


def attention_cuts(texts: Sequence[str]) -> list[int]:
    """The turns before which a topic may end: those that take up little of the turn just before them.

    >>> attention_cuts(["Rex barks", "Rex barks at cats", "trams run", "old trams run late", "late trams"])
    [2]
    """
    bags = [Counter(terms(text)) for text in texts]
    seen = Counter(term for bag in bags for term in set(bag))
    weight = {term: math.log(1 + len(bags) / count) for term, count in seen.items()}

    def taken(one: Counter[str], other: Counter[str]) -> float:
        return sum(weight[term] for term in one.keys() & other.keys())

    shares = []
    for place in range(1, len(bags)):
        mass = [taken(bags[place], bags[before]) for before in range(place)]
        shares.append(mass[-1] / sum(mass) if sum(mass) else 0.0)
    # What follows the last turn is not known yet, so that nothing is said of it.
    padded = [math.inf, *shares, -math.inf]
    return [i for i in range(1, len(bags)) if padded[i - 1] > padded[i] <= padded[i + 1]]
