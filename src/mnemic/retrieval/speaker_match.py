"""Speaker match: a question that names a participant means, more often than not, what that one said.

    score'(r) = score(r) + weight · [r's speaker is named] + asker · [r is the user's, in a talk with an assistant]

A question that names all participants names none. In a talk between user and assistant one asks about what the
user said, unless the question is for what the assistant said.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import ClassVar

from mnemic.core.reading import Hit, Query
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
    """Adds ``weight`` to what the named participant said and ``asker`` to what the user told an assistant.

    Both are in the unit of the scores that come in.

    >>> from mnemic.core.list_view import ListView
    >>> from mnemic.core.record import Record
    >>> view = ListView([Record(id="r0", kind="episodic", value="I like rain", actor="Ben", role="user"),
    ...                  Record(id="r1", kind="episodic", value="I like tea", actor="Anna", role="user")])
    >>> hits = [Hit("r0", 0.6, "dense"), Hit("r1", 0.5, "dense")]
    >>> query = Query(text="What does Anna like?", asked_at=view.now)
    >>> [(hit.id, hit.score) for hit in SpeakerMatch(weight=0.2).score(hits, query, view)]
    [('r1', 0.7), ('r0', 0.6)]
    """

    name: ClassVar[str] = "speaker_match"

    weight: float = 0.2
    asker: float = 0.3

    def score(self, hits: list[Hit], query: Query, view: View) -> list[Hit]:
        """The hits by their new scores; each keeps what was added as its part ``speaker``."""
        actors = [actor for actor in view.facts("actor") if actor]
        meant = {actor for actor in actors if names_part_of(actor, query.text)}
        if len(meant) == len(actors):
            meant = set()
        of_user = "assistant" in view.facts("role") and not _FOR_ASSISTANT.search(query.text)
        if not meant and not of_user:
            return hits
        records = view.get([hit.id for hit in hits])
        out = []
        for hit in hits:
            record = records.get(hit.id)
            if record is None:
                out.append(hit)
                continue
            added = self.weight * (record.actor in meant) + self.asker * (of_user and record.role == "user")
            out.append(hit.with_score(hit.score + added, speaker=added))
        return ranked_by_score(out)
