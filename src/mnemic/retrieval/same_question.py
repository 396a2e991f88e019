"""Same question: records that belong to a question of the same form, or none when there is no such question.

    found  if  cos(form(q), form(r)) ≥ limit,   limit = θ(quantile) + strictness · (1 - θ(quantile))
           or, by letters:  edits(form(q), form(r)) < edits

Abstaining is an answer: what was said of another question does harm here.
Source: A. Madaan et al., "Memory-assisted prompt editing to improve GPT-3 after deployment", arXiv 2201.06009, 2022.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from mnemic.core.question_form import edits, question_form
from mnemic.core.reading import Hit, Query, Sub
from mnemic.core.stage import Channel
from mnemic.core.view import View
from mnemic.retrieval.scope import narrow


@dataclass(frozen=True)
class SameQuestion(Channel):
    """At most ``k`` records of ``kinds`` whose key ``key`` holds a question of the same form; of equals the newest.

    Parameters: ``quantile`` and ``strictness`` of the limit for the cosine; ``edits``, compare letters instead and
    accept fewer changes than this; ``weight``, for the combiner.

    >>> from mnemic.core.list_view import ListView
    >>> from mnemic.core.record import Key, Record
    >>> note = Record(id="r0", kind="correction", value="a synonym", keys={"question": Key("what is a word like")})
    >>> view = ListView([note])
    >>> def found(text, **settings):
    ...     sub = Sub(text=text)
    ...     return [h.id for h in SameQuestion(**settings).search(sub, Query(text=text, asked_at=view.now), view)]
    >>> found("What is a word like <sad>?"), found("What rhymes with <sad>?")
    (['r0'], [])
    >>> found("What is the word like <sad>?", edits=6)
    ['r0']
    """

    name: ClassVar[str] = "same_question"
    needs: ClassVar[tuple[str, ...]] = ("embedder",)

    key: str = "question"
    kinds: tuple[str, ...] | None = ("correction",)
    k: int = 1
    quantile: float = 0.95
    strictness: float = 0.6
    edits: int | None = None
    weight: float = 1.0

    def search(self, sub: Sub, query: Query, view: View) -> list[Hit]:
        """Hits with their cosine, or the changes of letters, as a part; often none."""
        where, form = narrow(sub.where, self.kinds), question_form(sub.text)
        if where is None or not form:
            return []
        if self.edits is None:
            theta = view.tools.threshold(self.quantile)
            limit = theta + self.strictness * (1 - theta)
            hits = view.dense(form, key=self.key, k=self.k, where=where)
            return [Hit(hit.id, hit.score, self.name, {"cosine": hit.score}) for hit in hits if hit.score >= limit]
        held = [record for record in view.scan(where, newest_first=True) if self.key in record.keys]
        changes = {record.id: edits(form, record.key_text(self.key)) for record in held}
        near = sorted((i for i in changes if changes[i] < self.edits), key=lambda i: changes[i])
        return [Hit(i, 1 / (1 + changes[i]), self.name, {"edits": float(changes[i])}) for i in near[: self.k]]
