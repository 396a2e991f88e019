"""Read in rounds: a language model says whether the context is enough, what else to search for, and answers at the end.

    for n = 1 .. rounds:   stop when enough(question, context);   context = build(found ∪ search(what is missing))

Source: Z. Shao et al., "Enhancing Retrieval-Augmented Large Language Models with Iterative Retrieval-Generation
Synergy", arXiv 2305.15294, 2023.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

from mnemic.core.errors import BadInput
from mnemic.core.reading import Context, Query, ReaderAnswer, Sub
from mnemic.core.stage import Reader
from mnemic.core.view import View

MOST_QUERIES = 3


def shown_lines(context: Context) -> list[dict[str, Any]]:
    """The lines of a context as a task's input, each under the number that its citation has.

    >>> from mnemic.core.reading import Block
    >>> shown_lines(Context(blocks=(Block("memory", "[1] Anna: Hi", (1,)),)))
    [{'alias': '1', 'text': 'Anna: Hi'}]
    """
    return [{"alias": str(number), "text": text} for number, text in context.lines.items()]


@dataclass(frozen=True)
class IterativeReader(Reader):
    """Asks ``enough_task``; searches for what is missing, or else for what ``plan_task`` gives; then ``answer_task``.

    ``rounds``: further searches at most; with 0 it answers from the first context. A line that was never shown and is
    cited all the same is left out. Raises BadInput for negative rounds.

    >>> from mnemic.core.list_view import ListTools, ListView
    >>> from mnemic.core.reading import Block
    >>> answers = {"answer_question": lambda inputs: {"known": True, "text": "Lisbon", "cited": ["1", "7"]}}
    >>> view = ListView([], tools=ListTools(answers=answers))
    >>> context = Context(blocks=(Block("memory", "[1] Anna: I live in Lisbon", (1,)),))
    >>> IterativeReader(rounds=0).next(context, Query(text="Where?", asked_at=view.now), view, left=0, wishes="")
    ReaderAnswer(text='Lisbon', known=True, cited=(1,))
    """

    name: ClassVar[str] = "iterative_reader"
    needs: ClassVar[tuple[str, ...]] = ("language-model",)

    rounds: int = 2
    enough_task: str = "check_enough"
    plan_task: str = "plan_queries"
    answer_task: str = "answer_question"

    def __post_init__(self) -> None:
        if self.rounds < 0:
            raise BadInput(f"{self.name}.rounds: {self.rounds} is below 0")

    def next(
        self, context: Context, query: Query, view: View, *, left: int, wishes: str | None = None
    ) -> list[Sub] | ReaderAnswer | None:
        """See Reader."""
        if left and (further := self._missing(context, query, view)):
            return [Sub(text=text, where=query.where) for text in further]
        if wishes is None:
            return None
        lines = shown_lines(context)
        if not lines:
            return ReaderAnswer()
        told = view.tools.ask(self.answer_task, {"question": query.text, "lines": lines, "instruction": wishes})
        shown = {line["alias"] for line in lines}
        cited = tuple(int(alias) for alias in dict.fromkeys(told["cited"]) if alias in shown)
        return ReaderAnswer(told["text"] if told["known"] else "", told["known"] and bool(told["text"]), cited)

    def _missing(self, context: Context, query: Query, view: View) -> list[str]:
        told = view.tools.ask(self.enough_task, {"question": query.text, "context": context.text})
        if told["enough"]:
            return []
        if told["missing"]:
            return [text for text in told["missing"] if text.strip()][:MOST_QUERIES]
        planned = view.tools.ask(
            self.plan_task,
            {"question": query.text, "context": context.text, "most": MOST_QUERIES, "instruction": ""},
        )
        return [text for text in planned["queries"] if text.strip() and text != query.text]
