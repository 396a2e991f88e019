"""Distil: lessons out of an attempt at a task."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mnemic.core.shape import Fields, Items, Number, Text
from mnemic.core.task import Task
from mnemic.models.tasks.parts import LONG


def rule(inputs: Mapping[str, Any]) -> Mapping[str, Any]:
    """The steps of an attempt that succeeded are the lesson.

    >>> rule({"task": "book a table", "steps": ["agent: call"], "reward": 1.0})
    {'lessons': [{'when_to_use': 'book a table', 'lesson': 'agent: call'}]}
    """
    text = " Then ".join(inputs["steps"])[:600]
    if not text or not inputs["task"] or inputs["reward"] < 1:
        return {"lessons": []}
    return {"lessons": [{"when_to_use": inputs["task"][:300], "lesson": text}]}


TASK = Task(
    name="distil",
    summary="lessons out of an attempt at a task",
    prompt="""What can be learnt from this attempt, for the next time? Say for each lesson when to use it,
and how sure it is.
Task: {task}
Steps: {steps}
Reward, 0 to 1: {reward}""",
    inputs=Fields(of={"task": LONG, "steps": Items(of=LONG, most=10_000), "reward": Number(low=-1e9, high=1e9)}),
    output=Fields(
        of={
            "lessons": Items(
                of=Fields(
                    of={
                        "when_to_use": Text("the situation in which it helps", most=300),
                        "lesson": Text("what to do", most=600),
                        "score": Number("how sure, 0 to 1", True),
                    }
                ),
                most=8,
            )
        }
    ),
    rule=rule,
)
