"""Check enough: whether a context answers a question, and what is missing if it does not."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mnemic.core.analysis import terms
from mnemic.core.shape import Fields, Flag, Items, Text
from mnemic.core.task import Task
from mnemic.models.tasks.parts import LONG


def rule(inputs: Mapping[str, Any]) -> Mapping[str, Any]:
    """Enough when every content word of the question occurs; else the missing words are searched for.

    >>> rule({"question": "Does Rex like tea?", "context": "Rex is a dog"})
    {'enough': False, 'missing': ['tea']}
    """
    said = set(terms(inputs["context"]))
    missing = [word for word in inputs["question"].split() if (found := terms(word)) and not said.intersection(found)]
    kept = [word.strip(".,?!'\"") for word in missing if len(word) > 2]
    kept = [word for word in kept if word.casefold() not in ("like", "does")]
    return {"enough": not kept, "missing": [" ".join(kept)] if kept else []}


TASK = Task(
    name="check_enough",
    summary="whether a context answers a question, and what is missing",
    prompt="""Is the question answered by what is known? If not, give at most three searches for what is missing.
Question: {question}
Known: {context}""",
    inputs=Fields(of={"question": LONG, "context": LONG}),
    output=Fields(
        of={
            "enough": Flag("true when the question can be answered"),
            "missing": Items("searches for what is missing", True, Text(most=300), 3),
        }
    ),
    remembered=("context",),
    rule=rule,
)
