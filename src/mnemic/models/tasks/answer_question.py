"""Answer a question from a context, and name the lines that the answer rests on."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mnemic.core.shape import Alias, Fields, Flag, Items, Text
from mnemic.core.task import Task
from mnemic.models.tasks.parts import LONG, OPTIONS, aliases, shared


def output(inputs: Mapping[str, Any]) -> Fields:
    """A short text and the lines it rests on."""
    return Fields(
        of={
            "known": Flag("false when the lines do not tell"),
            "text": Text("the answer in a few words", True, 600),
            "cited": Items("the lines it rests on", True, Alias(shown=aliases(inputs["lines"])), 10),
        }
    )


def rule(inputs: Mapping[str, Any]) -> Mapping[str, Any]:
    """The line that shares most words with the question, or nothing.

    >>> rule({"question": "Which tea?", "lines": [{"alias": "1", "text": "Anna likes green tea."}]})
    {'known': True, 'text': 'Anna likes green tea.', 'cited': ['1']}
    """
    scores = {line["alias"]: shared(inputs["question"], line["text"]) for line in inputs["lines"]}
    best = max(scores, key=lambda alias: scores[alias], default=None)
    if best is None or not scores[best]:
        return {"known": False, "text": "", "cited": []}
    text = next(line["text"] for line in inputs["lines"] if line["alias"] == best)
    return {"known": True, "text": text[:600], "cited": [best]}


TASK = Task(
    name="answer_question",
    summary="an answer from remembered lines, with the lines it rests on",
    prompt="""Answer the question from the lines alone, in as few words as it takes, and name the lines that the answer
rests on. If the lines do not tell, say that it is not known.
The asker's wishes: {instruction}
Question: {question}
Lines: {lines}""",
    inputs=Fields(of={"question": LONG, "lines": OPTIONS, "instruction": LONG}),
    output=output,
    remembered=("lines",),
    rule=rule,
)
