"""Plan queries: what to search for, so that a question can be answered."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from mnemic.core.shape import Fields, Items, Text
from mnemic.core.task import Task
from mnemic.models.tasks.parts import INSTRUCTION, LONG, WHOLE_NUMBER

_JOINTS = re.compile(r"\s*(?:,|;|\band\b|\bor\b|\bbut\b|\bwhen\b|\bafter\b|\bbefore\b|\bbecause\b|\bthan\b)\s*", re.I)


def output(inputs: Mapping[str, Any]) -> Fields:
    """At most as many queries as asked for."""
    return Fields(
        of={
            "queries": Items("what to search for, most telling first", of=Text(most=300), most=inputs["most"]),
            "keywords": Items("single words that the evidence will hold", True, Text(most=60), 10),
        }
    )


def rule(inputs: Mapping[str, Any]) -> Mapping[str, Any]:
    """The question, and its parts where it has some.

    >>> rule({"question": "Where did Anna go and what did Ben buy?", "most": 3})["queries"]
    ['Where did Anna go and what did Ben buy?', 'Where did Anna go', 'what did Ben buy?']
    """
    question = inputs["question"]
    parts = [part for part in _JOINTS.split(question) if len(part.split()) >= 3]
    queries = list(dict.fromkeys([question[:300], *(part[:300] for part in parts)]))
    return {"queries": queries[: inputs["most"]]}


TASK = Task(
    name="plan_queries",
    summary="what to search for, so that a question can be answered",
    prompt="""Give at most {most} searches that together find what is needed to answer the question. What is known so
far may tell what is still missing.
Particular wishes: {instruction}
Question: {question}
Known so far: {context}""",
    inputs=Fields(of={"question": LONG, "context": LONG, "most": WHOLE_NUMBER, "instruction": INSTRUCTION}),
    output=output,
    remembered=("context",),
    rule=rule,
)
