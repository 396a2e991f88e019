"""Surprise: how little the turns before a text let one expect its words.

    P = e^(-mean ln p(t)),   p(t) = (times t was said in the turns before + 1) / (words said + distinct words + 1)

The perplexity of a text under a unigram model of its context; one word of a language model's would know more, but has
to be run. Source of the feature: R. Sumida et al., "LUFY", arXiv 2409.12524, 2024.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import ClassVar

from mnemic.core.analysis import terms
from mnemic.core.evidence import Segment
from mnemic.core.record import Record
from mnemic.core.stage import Annotator
from mnemic.core.view import View
from mnemic.formation.preceding import preceding


def surprise(text: str, before: Iterable[str]) -> float:
    """The perplexity of a text's terms after the texts before it; 1 when it has none.

    >>> before = ["Rex the dog barks at the postman", "The dog barks a lot"]
    >>> surprise("The dog barks", before) < surprise("Quarks spin", before)
    True
    """
    said = Counter(term for line in before for term in terms(line))
    own = terms(text)
    if not own:
        return 1.0
    size = said.total() + len(set(said).union(own)) + 1
    return math.exp(sum(math.log(size / (said[term] + 1)) for term in own) / len(own))


@dataclass(frozen=True)
class Surprise(Annotator):
    """Sets the field ``surprise`` of every draft that rests on turns of the segment; ``window``: turns looked back.

    >>> from mnemic.core.evidence import Event, Part
    >>> from mnemic.core.list_view import ListView
    >>> say = lambda i, text: Event(id=f"e{i}", session="s", role="user", parts=(Part("text", text),),
    ...                             occurred_at=ListView([]).now, seq=i)
    >>> turns = (say(1, "My dog is old"), say(2, "How old is the dog?"))
    >>> draft = Record(id="", kind="episodic", value=turns[1].text, sources=(turns[1].span(),))
    >>> Surprise().annotate(draft, Segment(turns), ListView([])).fields
    {'surprise': 2.5}
    """

    name: ClassVar[str] = "surprise"

    window: int = 10

    def annotate(self, draft: Record, segment: Segment, view: View) -> Record:
        """The draft with the field."""
        cited = {span.source for span in draft.sources}
        place = next((i for i, event in enumerate(segment.events) if event.id in cited), None)
        if place is None:
            return draft
        before = preceding(segment.events[place], segment.events[:place], view, self.window)
        value = round(surprise(draft.value, [event.text for event in before]), 3)
        return draft.with_(fields={**draft.fields, "surprise": value})
