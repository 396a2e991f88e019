"""Reflect: what follows from a question, what was remembered of it, and what the user said of the answer."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mnemic.core.shape import Fields, Text
from mnemic.core.task import Task
from mnemic.models.tasks.parts import KNOWN, LONG


def rule(inputs: Mapping[str, Any]) -> Mapping[str, Any]:
    """What the user said is taken as it is.

    >>> rule({"question": "Where does Anna live?", "feedback": "In Lisbon now.", "known": []})
    {'text': 'In Lisbon now.'}
    """
    return {"text": inputs["feedback"][:600]}


TASK = Task(
    name="reflect",
    summary="the statement to remember after an answer was corrected",
    prompt="""A question was answered from what was remembered, and the user commented on the answer. Write the one
statement that should be remembered instead, so that the question is answered rightly next time. It must be
understandable alone. If the question assumed something false, say so. If nothing follows, give an empty text.
Question: {question}
The user's comment: {feedback}
Remembered: {known}""",
    inputs=Fields(of={"question": LONG, "feedback": LONG, "known": KNOWN}),
    output=Fields(of={"text": Text("the statement to remember", True, 600)}),
    remembered=("known",),
    rule=rule,
)
