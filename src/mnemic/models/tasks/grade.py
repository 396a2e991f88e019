"""Grade: how much each passage helps to answer a question, from 0 to 10."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mnemic.core.shape import Alias, Fields, Items, Number
from mnemic.core.task import Task
from mnemic.models.tasks.parts import LONG, OPTIONS, aliases, shared


def output(inputs: Mapping[str, Any]) -> Fields:
    """One grade a passage."""
    grade = Fields(of={"alias": Alias(shown=aliases(inputs["passages"])), "grade": Number(low=0, high=10)})
    return Fields(of={"grades": Items(of=grade, most=len(inputs["passages"]))})


def rule(inputs: Mapping[str, Any]) -> Mapping[str, Any]:
    """Ten times the share of the question's words that the passage holds.

    >>> rule({"question": "green tea?", "passages": [{"alias": "0", "text": "Tea, please"}]})
    {'grades': [{'alias': '0', 'grade': 5.0}]}
    """
    passages = inputs["passages"]
    return {"grades": [{"alias": p["alias"], "grade": 10 * shared(inputs["question"], p["text"])} for p in passages]}


TASK = Task(
    name="grade",
    summary="how much each passage helps to answer a question",
    prompt="""Grade each passage by how much it helps to answer the question: 0 for not at all, 10 for all that it
needs.
Question: {question}
Passages: {passages}""",
    inputs=Fields(of={"question": LONG, "passages": OPTIONS}),
    output=output,
    remembered=("passages",),
    rule=rule,
)
