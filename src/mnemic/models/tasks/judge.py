"""Judge: whether an answer says the same as the expected one."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mnemic.core.analysis import words
from mnemic.core.shape import Fields, Flag
from mnemic.core.task import Task
from mnemic.models.tasks.parts import LONG


def rule(inputs: Mapping[str, Any]) -> Mapping[str, Any]:
    """Right when the words of the expected answer stand in the answer one after the other.

    >>> rule({"question": "Where?", "expected": "Lisbon", "answer": "She lives in Lisbon."})
    {'correct': True}
    """
    expected, answer = words(inputs["expected"]), words(inputs["answer"])
    size = len(expected)
    found = any(answer[i : i + size] == expected for i in range(len(answer) - size + 1))
    return {"correct": bool(size) and found}


TASK = Task(
    name="judge",
    summary="whether an answer says what was expected",
    prompt="""Does the answer say the same as the expected answer? Other words are no fault; another date, name
or number is.
Question: {question}
Expected: {expected}
Answer: {answer}""",
    inputs=Fields(of={"question": LONG, "expected": LONG, "answer": LONG}),
    output=Fields(of={"correct": Flag()}),
    rule=rule,
)
