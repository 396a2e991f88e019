"""Extractive fold: of all sentences, those that say most of what all say, within a token budget.

    p(t) = share of term t;   take the sentence with the greatest mean p(t), square p of its terms, repeat

Squaring makes the next sentence say something else. No model, the same on every machine.
Source: A. Nenkova and L. Vanderwende, "The Impact of Frequency on Summarization", MSR-TR-2005-101, 2005.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from mnemic.core.analysis import terms
from mnemic.core.record import Record
from mnemic.core.rewording import reworded
from mnemic.core.stage import Fold
from mnemic.core.times import Interval, Times
from mnemic.core.view import View

_SENTENCES = re.compile(r"(?<=[.!?])\s+|\n+|(?<=[。！？])")


@dataclass(frozen=True)
class Extractive(Fold):
    """Keeps the most central sentences, in the order in which they stand.

    A single sentence above the budget is cut at a word. The record rests on those it was made of.

    >>> from mnemic.core.list_view import ListView
    >>> notes = [Record(id=str(i), kind="note", value=text) for i, text in
    ...          enumerate(["Rex is a dog.", "Rex the dog barks.", "It rained."])]
    >>> folded = Extractive().fold(None, notes, 10, ListView([]))
    >>> folded.value, folded.derived_from
    ('Rex is a dog.\\nIt rained.', ('0', '1', '2'))
    """

    name: ClassVar[str] = "extractive"

    def fold(self, state: Record | None, new: Sequence[Record], budget: int, view: View) -> Record:
        """``state`` with the new records folded into it; without one, an inference without an id."""
        texts = [*([state.value] if state else []), *(record.value for record in new)]
        sentences = list(dict.fromkeys(s.strip() for text in texts for s in _SENTENCES.split(text) if s.strip()))
        return folded(state, new, _central(sentences, budget, view))


def folded(state: Record | None, new: Sequence[Record], text: str) -> Record:
    """A fold's record: the text, what it was made of, and the time that it spans.

    >>> folded(None, [Record(id="r1", kind="note", value="Tea")], "Tea").epistemic
    'inference'
    """
    base = state or Record(id="", kind="summary", value="", epistemic="inference")
    made_of = tuple(dict.fromkeys((*base.derived_from, *(record.id for record in new))))
    spans = [record.times.event for record in (base, *new) if record.times.event]
    event = Interval(min(s.start for s in spans), max(s.end for s in spans)) if spans else None
    return reworded(base, text).with_(derived_from=made_of, times=Times(event=event))


def _central(sentences: list[str], budget: int, view: View) -> str:
    bags = {sentence: terms(sentence) for sentence in sentences}
    counts = Counter(term for bag in bags.values() for term in bag)
    total = sum(counts.values()) or 1
    share = {term: count / total for term, count in counts.items()}
    left = [sentence for sentence in sentences if bags[sentence]]
    taken: set[str] = set()

    def text_of(chosen: set[str]) -> str:
        return "\n".join(sentence for sentence in sentences if sentence in chosen)

    while left:
        best = max(left, key=lambda s: sum(share[term] for term in bags[s]) / len(bags[s]))
        left.remove(best)
        if view.tools.count_tokens(text_of({*taken, best})) <= budget:
            taken.add(best)
            for term in set(bags[best]):
                share[term] **= 2
    return text_of(taken) if taken else _cut(sentences[0] if sentences else "", budget, view)


def _cut(sentence: str, budget: int, view: View) -> str:
    said = sentence.split()
    while said and view.tools.count_tokens(" ".join(said)) > budget:
        said.pop()
    return " ".join(said)
