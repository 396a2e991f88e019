"""Bare question: searches for what is asked about, without the words in which one asks."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import ClassVar

from mnemic.core.reading import Query, Sub
from mnemic.core.stage import Planner
from mnemic.core.view import View
from mnemic.retrieval.framing import bare
from mnemic.retrieval.whole_question import WholeQuestion


@dataclass(frozen=True)
class BareQuestion(Planner):
    """The sub-queries of ``inner`` without courtesy and form: "can you", "in order", "we have discussed".

    >>> from mnemic.core.list_view import ListView
    >>> view = ListView([])
    >>> query = Query(text="Could you tell me when Anna moved to Lisbon?", asked_at=view.now)
    >>> [sub.text for sub in BareQuestion().plan(query, view)]
    ['when Anna moved to Lisbon?']
    """

    name: ClassVar[str] = "bare_question"

    inner: Planner = field(default_factory=WholeQuestion)

    def plan(self, query: Query, view: View) -> list[Sub]:
        """The inner planner's sub-queries with bare texts."""
        return [replace(sub, text=bare(sub.text)) for sub in self.inner.plan(query, view)]
