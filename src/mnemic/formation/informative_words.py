"""Informative words: each turn keeps the share of its words that tell most, in their order, one line an event.

    information(w) = -log2( (1 + n(w)) / (V + N) ),   n over the segment and the turns shortly before it
    stop words tell nothing; names, numbers and negations are always kept; the rest by information

Words that a conversation repeats are guessed from their surroundings; rare ones are not. Without a model.
Source: the entropy-based compression of J. Fang et al., "LightMem", arXiv 2510.18866, 2025, after Y. Li et al.,
"Selective Context", arXiv 2310.06201, 2023, with the conversation's own counts for a language model's.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from dataclasses import dataclass, replace
from typing import ClassVar

from mnemic.core.analysis import STOP_WORDS, words
from mnemic.core.errors import BadInput
from mnemic.core.evidence import Segment
from mnemic.core.stage import Compressor
from mnemic.core.view import View
from mnemic.formation.preceding import preceding

#: Dropping one of these turns a sentence into its opposite.
NEGATIONS = frozenset({"no", "not", "never", "none", "nothing", "nobody", "without", "cannot", "neither", "nor"})
_TELLING = re.compile(r"\d|^[^\W\d_].*[A-ZÀ-Þ]|^[A-ZÀ-Þ]")


@dataclass(frozen=True)
class InformativeWords(Compressor):
    """Sets the segment's compressed text. ``rate``: the share of words kept, 0..1; ``earlier``: turns counted besides.

    A turn of up to ``short`` words stays whole. Raises BadInput for a rate outside 0..1.

    >>> from mnemic.core.evidence import Event, Part
    >>> from mnemic.core.list_view import ListView
    >>> from mnemic.core.times import instant
    >>> words = "I have been thinking that we should really not go to the lake in Porto on 3 May"
    >>> turn = Event(id="e1", session="s", role="user", parts=(Part("text", words),), occurred_at=instant("2026-06-02"))
    >>> InformativeWords(rate=0.5).compress(Segment((turn,)), ListView([], events=[turn])).compressed
    'I thinking really not go lake Porto 3 May'
    """

    name: ClassVar[str] = "informative_words"

    rate: float = 0.7
    earlier: int = 20
    short: int = 4

    def __post_init__(self) -> None:
        if not 0.0 < self.rate <= 1.0:
            raise BadInput(f"informative_words.rate: {self.rate} must lie above 0 and be at most 1")

    def compress(self, segment: Segment, view: View) -> Segment:
        """The segment with one shortened line an event."""
        lines = [text for _, text in segment.lines]
        counts: Counter[str] = Counter(word for line in lines for word in words(line))
        if self.earlier and segment.events:
            before = preceding(segment.events[0], (), view, self.earlier)
            counts.update(word for event in before for word in words(event.text))
        scale = math.log2(len(counts) + counts.total() or 1)
        short = [self._shortened(line, counts, scale) for line in lines]
        return replace(segment, compressed="\n".join(short))

    def _shortened(self, line: str, counts: Counter[str], scale: float) -> str:
        said = line.split()
        if len(said) <= self.short:
            return line
        room = math.ceil(self.rate * len(said))
        ranked = sorted(range(len(said)), key=lambda place: -_information(said[place], counts, scale))
        kept = set(ranked[:room])
        kept.update(place for place in ranked[room:] if _must_stay(said[place]))
        return " ".join(word for place, word in enumerate(said) if place in kept)


def _information(word: str, counts: Counter[str], scale: float) -> float:
    plain = words(word)
    if _must_stay(word):
        return math.inf
    if not plain:
        return -1.0
    if all(part in STOP_WORDS for part in plain):
        return 0.0
    return max(scale - math.log2(1 + counts[part]) for part in plain)


def _must_stay(word: str) -> bool:
    plain = "".join(words(word))
    if plain in NEGATIONS or plain.endswith("n't"):
        return True
    return bool(_TELLING.search(word.strip("\"'([{“‘*_"))) and plain not in STOP_WORDS
