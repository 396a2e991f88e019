"""Planned: a language model says what to search for, knowing the gist of what is remembered.

    question, gist → searches;   sub-queries = the question's own, then one for each search

The parts of a question (decomposition), the clues that the gist gives (what the evidence may say), or the topic of a
conversation: which of them is a wish in ``instruction``.
Source: clues from memory in H. Qian et al., "MemoRAG", arXiv 2409.05591, 2024; topics in Y. Wang and X. Chen, "MIRIX",
arXiv 2507.07957, 2025.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import ClassVar

from mnemic.core.errors import BadInput
from mnemic.core.reading import Query, Sub
from mnemic.core.stage import Planner
from mnemic.core.view import View
from mnemic.core.wording import dated_line
from mnemic.retrieval.scope import narrow
from mnemic.retrieval.whole_question import WholeQuestion


@dataclass(frozen=True)
class Planned(Planner):
    """Asks ``task`` with ``{question, context, most, instruction}``; the answer is ``{queries, keywords}``.

    Parameters: ``inner``, the planner whose sub-queries come first and which tells what to search for whole; ``most``
    searches asked for; ``weight`` of each; ``gist``, the kinds of record that are shown as what is known, newest first
    within ``tokens``, in time order; ``keywords``, whether the single words make a search too; ``instruction``, wishes.
    Raises BadInput for ``most`` below 1.

    >>> from mnemic.core.list_view import ListTools, ListView
    >>> from mnemic.core.record import Record
    >>> clue = lambda asked: {"queries": ["trams of Lisbon"] if "Lisbon" in asked["context"] else []}
    >>> view = ListView([Record(id="g", kind="gist", value="Anna told of Lisbon")],
    ...                 tools=ListTools(answers={"plan_queries": clue}))
    >>> query = Query(text="How does Anna get to work?", asked_at=view.now)
    >>> [sub.text for sub in Planned(gist=("gist",)).plan(query, view)]
    ['How does Anna get to work?', 'trams of Lisbon']
    """

    name: ClassVar[str] = "planned"
    needs: ClassVar[tuple[str, ...]] = ("language-model",)

    inner: Planner = field(default_factory=WholeQuestion)
    most: int = 3
    weight: float = 1.0
    gist: tuple[str, ...] = ()
    tokens: int = 2000
    keywords: bool = False
    instruction: str = ""
    task: str = "plan_queries"

    def __post_init__(self) -> None:
        if self.most < 1:
            raise BadInput(f"planned.most: {self.most} must be 1 search or more")

    def plan(self, query: Query, view: View) -> list[Sub]:
        """The inner planner's sub-queries, then those of the answer; texts are searched once."""
        own = self.inner.plan(query, view)
        asked = {
            "question": query.text,
            "context": self._gist(query, view),
            "most": self.most,
            "instruction": self.instruction,
        }
        answer = view.tools.ask(self.task, asked)
        texts = list(answer["queries"])
        if self.keywords and answer["keywords"]:
            texts.append(" ".join(answer["keywords"]))
        out = {sub.text: sub for sub in own}
        for text in texts:
            # What the asker narrowed, a model's search stays in.
            out.setdefault(text, replace(own[0], text=text, weight=self.weight, entities=(), interval=None))
        return list(out.values())

    def _gist(self, query: Query, view: View) -> str:
        where = narrow(query.where, self.gist)
        if not self.gist or where is None:
            return ""
        lines: list[str] = []
        for record in view.scan(where, newest_first=True, limit=self.tokens):
            lines.append(dated_line(record))
            if view.tools.count_tokens("\n".join(lines)) > self.tokens:
                lines.pop()
                break
        return "\n".join(reversed(lines))
