"""Next thought: what the records read so far say towards an answer, with which to search again."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from mnemic.core.shape import Fields, Flag, Items, Text
from mnemic.core.task import Task
from mnemic.models.tasks.parts import LONG

_HEAD = re.compile(r"^(?:[^:]{1,60}: ){1,2}")


def rule(inputs: Mapping[str, Any]) -> Mapping[str, Any]:
    """The first line read, which is the best one found, is the thought, without its date and speaker.

    >>> rule({"question": "Where does she live?", "context": "2 June 2026, Anna: She moved to Porto.\\nIt rained."})
    {'enough': False, 'missing': ['She moved to Porto.']}
    """
    first = _HEAD.sub("", inputs["context"].split("\n")[0]).strip()
    return {"enough": False, "missing": [first[:300]] if first else []}


TASK = Task(
    name="next_thought",
    summary="a thought towards an answer, to search with",
    prompt="""Read what was found and think one step towards the answer. Write the thought in one or two sentences: what
is known by now, and so the answer is what. It is searched with, so name people, places and things.
Question: {question}
Found: {context}""",
    inputs=Fields(of={"question": LONG, "context": LONG}),
    output=Fields(
        of={
            "enough": Flag("true only when a further search would be of no use", True),
            "missing": Items("the thought", True, Text(most=300), 1),
        }
    ),
    remembered=("context",),
    rule=rule,
)
