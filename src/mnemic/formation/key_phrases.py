"""Tags a record with its key phrases: runs of content words, scored by how they keep company.

score(phrase) = sum over its words of degree(w) / frequency(w), where degree counts the words w shares phrases
with. Source: S. Rose, D. Engel, N. Cramer, W. Cowley, "Automatic keyword extraction from individual documents"
(RAKE), in Text Mining: Applications and Theory, 2010.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from typing import ClassVar

from mnemic.core.analysis import STOP_WORDS
from mnemic.core.errors import BadInput
from mnemic.core.evidence import Segment
from mnemic.core.names import FILLER_WORDS
from mnemic.core.record import Record
from mnemic.core.stage import Annotator
from mnemic.core.view import View

_WORD_OR_BREAK = re.compile(r"[^\W_]+(?:['’-][^\W_]+)*|[^\w\s]|\n")
_BREAKS = STOP_WORDS | FILLER_WORDS


@dataclass(frozen=True)
class KeyPhrases(Annotator):
    """Adds at most ``most`` phrases of at most ``longest`` words to the draft's tags.

    With ``untagged`` only drafts without tags get any. Conversational fillers break phrases beside the stop words. Of
    equal scores the earlier phrase comes first. Raises BadInput when a number is below 1.

    >>> draft = Record(id="", kind="episodic", value="I adopted a guide dog, and the guide dog school is in Porto.")
    >>> KeyPhrases(most=2).annotate(draft, Segment(()), view=None).tags
    ('guide dog school', 'guide dog')
    """

    name: ClassVar[str] = "key_phrases"
    most: int = 5
    longest: int = 3
    untagged: bool = False

    def __post_init__(self) -> None:
        for field in ("most", "longest"):
            if getattr(self, field) < 1:
                raise BadInput(f"key_phrases.{field}: {getattr(self, field)} must be at least 1")

    def annotate(self, draft: Record, segment: Segment, view: View) -> Record:
        """The draft with its best phrases as tags; tags that are there already stay first."""
        if self.untagged and draft.tags:
            return draft
        tags = tuple(dict.fromkeys((*draft.tags, *self._best(draft.value))))
        return draft.with_(tags=tags) if tags != draft.tags else draft

    def _best(self, text: str) -> list[str]:
        phrases = self._phrases(text.lower())
        frequency = Counter(word for phrase in phrases for word in phrase)
        degree: Counter[str] = Counter()
        for phrase in phrases:
            for word in phrase:
                degree[word] += len(phrase)
        scores = {phrase: sum(degree[word] / frequency[word] for word in phrase) for phrase in phrases}
        ranked = sorted(scores, key=lambda phrase: -scores[phrase])
        return [" ".join(phrase) for phrase in ranked[: self.most]]

    def _phrases(self, text: str) -> list[tuple[str, ...]]:
        """Runs of content words; what is longer than ``longest`` is no phrase but a sentence without stops."""
        runs: list[list[str]] = [[]]
        for token in _WORD_OR_BREAK.findall(text):
            stem = token.partition("'")[0].partition("’")[0]
            if not token[0].isalnum() or stem in _BREAKS or token.isdigit() or len(token) < 3:
                runs.append([])
            else:
                runs[-1].append(token)
        return [tuple(run) for run in runs if 1 <= len(run) <= self.longest]
