"""Speaker match: a question that names a participant means, more often than not, what that one said.

    score'(r) = score(r) + weight · [r's speaker is meant]

Meant are the participants whom the question names, unless it names all of them. In a talk between user and
assistant it is the user, about whom one asks, unless the question is for what the assistant said.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import ClassVar

from mnemic.core.reading import Hit, Query
from mnemic.core.record import Record
from mnemic.core.stage import Scorer
from mnemic.core.view import View
from mnemic.retrieval.fusion import ranked_by_score
from mnemic.retrieval.names import names_part_of

_FOR_ASSISTANT = re.compile(
    r"\b(?:did|have|were|was|had) you\b"
    r"|\byou(?:r|'ve|’ve| have)? (?:recommend|suggest|advi|explain|said|say|tell|told|propos|mention)"
    r"|\bthe assistant\b",
    re.I,
)


@dataclass(frozen=True)
class SpeakerMatch(Scorer):
    """Adds ``weight``, in the unit of the scores that come in, to hits whose speaker is meant.

    >>> from mnemic.core.list_view import ListView
    >>> view = ListView([Record(id="r0", kind="episodic", value="I like rain", actor="Ben", role="user"),
    ...                  Record(id="r1", kind="episodic", value="I like tea", actor="Anna", role="user")])
    >>> hits = [Hit("r0", 0.6, "dense"), Hit("r1", 0.5, "dense")]
    >>> query = Query(text="What does Anna like?", asked_at=view.now)
    >>> [(hit.id, hit.score) for hit in SpeakerMatch(weight=0.2).score(hits, query, view)]
    [('r1', 0.7), ('r0', 0.6)]
    """

    name: ClassVar[str] = "speaker_match"

    weight: float = 0.2

    def score(self, hits: list[Hit], query: Query, view: View) -> list[Hit]:
        """The hits by their new scores; those that gained keep the gain as their part ``speaker``."""
        actors = view.facts("actor")
        meant = {actor for actor in actors if names_part_of(actor, query.text)}
        if len(meant) == len(actors):
            meant = set()
        for_user = "assistant" in view.facts("role") and not _FOR_ASSISTANT.search(query.text)
        if not meant and not for_user:
            return hits
        records = view.get([hit.id for hit in hits])
        return ranked_by_score(
            hit.with_score(hit.score + self.weight, speaker=self.weight)
            if hit.id in records and _is_meant(records[hit.id], meant, for_user)
            else hit
            for hit in hits
        )


def _is_meant(record: Record, meant: set[str], for_user: bool) -> bool:
    return record.actor in meant or (for_user and record.role == "user")
