"""Mined question: the question is told as attributes and values, like the records were, and searched with those.

    q → "a₁: v₁; a₂: v₂; …"

Source: R. Salama et al., "MemInsight: Autonomous Memory Augmentation for LLM Agents", arXiv 2503.21760, 2025.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import ClassVar

from mnemic.core.errors import BadInput
from mnemic.core.reading import Query, Sub
from mnemic.core.stage import Planner
from mnemic.core.view import View
from mnemic.core.wording import attributes_text
from mnemic.retrieval.whole_question import WholeQuestion


@dataclass(frozen=True)
class MinedQuestion(Planner):
    """Asks ``task`` with ``{text, most, instruction}``; the answer is ``{attributes: [{attribute, value}]}``.

    Every sub-query of ``inner`` gets the pairs as its text, behind its own words when ``words``; a question that tells
    no attribute is searched with its words. Raises BadInput for ``most`` below 1.

    >>> from mnemic.core.list_view import ListTools, ListView
    >>> answer = {"attributes": [{"attribute": "place", "value": "Lisbon"}]}
    >>> view = ListView([], tools=ListTools(answers={"mine_attributes": lambda asked: answer}))
    >>> query = Query(text="Who went to Lisbon?", asked_at=view.now)
    >>> [sub.text for sub in MinedQuestion().plan(query, view)]
    ['place: Lisbon']
    """

    name: ClassVar[str] = "mined_question"
    needs: ClassVar[tuple[str, ...]] = ("language-model",)

    inner: Planner = field(default_factory=WholeQuestion)
    most: int = 8
    words: bool = False
    instruction: str = ""
    task: str = "mine_attributes"

    def __post_init__(self) -> None:
        if self.most < 1:
            raise BadInput(f"mined_question.most: {self.most} must be 1 or more")

    def plan(self, query: Query, view: View) -> list[Sub]:
        """The inner planner's sub-queries, told as attributes."""
        asked = {"text": query.text, "most": self.most, "instruction": self.instruction}
        pairs = [(told["attribute"], told["value"]) for told in view.tools.ask(self.task, asked)["attributes"]]
        told = attributes_text(pairs)
        subs = self.inner.plan(query, view)
        if not told:
            return subs
        return [replace(sub, text=f"{sub.text}\n{told}" if self.words else told) for sub in subs]
