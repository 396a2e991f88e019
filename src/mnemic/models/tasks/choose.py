"""Choose: which of some options a question needs, or none of them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mnemic.core.shape import Alias, Fields, Items
from mnemic.core.task import Task
from mnemic.models.tasks.parts import INSTRUCTION, LONG, OPTIONS, WHOLE_NUMBER, aliases, shared


def output(inputs: Mapping[str, Any]) -> Fields:
    """Aliases, best first; an empty list says that none helps."""
    shown = aliases(inputs["options"])
    return Fields(of={"chosen": Items("best first; empty when none helps", of=Alias(shown=shown), most=inputs["most"])})


def rule(inputs: Mapping[str, Any]) -> Mapping[str, Any]:
    """The options that hold most of the question's words.

    >>> options = [{"alias": "0", "text": "dogs"}, {"alias": "1", "text": "green tea"}]
    >>> rule({"question": "Which tea?", "options": options, "most": 2})
    {'chosen': ['1']}
    """
    scores = {option["alias"]: shared(inputs["question"], option["text"]) for option in inputs["options"]}
    ranked = sorted((alias for alias in scores if scores[alias] > 0), key=lambda alias: -scores[alias])
    return {"chosen": ranked[: inputs["most"]]}


TASK = Task(
    name="choose",
    summary="the options that a question needs, or none",
    prompt="""Which of the options help with the question? Name at most {most} by their aliases, best first. If none
helps, give an empty list.
Particular wishes: {instruction}
Question: {question}
Options: {options}""",
    inputs=Fields(of={"question": LONG, "options": OPTIONS, "most": WHOLE_NUMBER, "instruction": INSTRUCTION}),
    output=output,
    remembered=("options",),
    rule=rule,
)
