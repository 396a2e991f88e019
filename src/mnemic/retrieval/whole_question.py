"""Whole question: one search with the words as they were asked. The planner that does not plan."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from mnemic.core.reading import Query, Sub
from mnemic.core.stage import Planner
from mnemic.core.view import View


@dataclass(frozen=True)
class WholeQuestion(Planner):
    """One sub-query: the question itself.

    >>> from mnemic.core.list_view import ListView
    >>> view = ListView([])
    >>> [sub.text for sub in WholeQuestion().plan(Query(text="Where?", asked_at=view.now), view)]
    ['Where?']
    """

    name: ClassVar[str] = "whole_question"

    def plan(self, query: Query, view: View) -> list[Sub]:
        """The question as its only sub-query, in the query's scope."""
        return [Sub(text=query.text, where=query.where)]
