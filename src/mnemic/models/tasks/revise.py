"""Revise: what later texts make of an earlier one: a new wording, its end, or nothing."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mnemic.core.analysis import terms
from mnemic.core.shape import Choice, Fields, Text
from mnemic.core.task import Task
from mnemic.models.tasks.parts import LONG, OPTIONS


def rule(inputs: Mapping[str, Any]) -> Mapping[str, Any]:
    """A text all of whose words stand in a later one is not needed any more; no rule can tell a contradiction.

    >>> rule({"text": "Anna rows", "later": [{"alias": "0", "text": "Anna rows on the Tagus"}]})["action"]
    'delete'
    """
    said = set(terms(inputs["text"]))
    held = any(said and said <= set(terms(later["text"])) for later in inputs["later"])
    return {"action": "delete" if held else "ignore"}


TASK = Task(
    name="revise",
    summary="what later texts make of an earlier one",
    prompt="""Does anything said later change what the earlier text says? update: it is to be completed or corrected;
give the new wording. delete: it no longer holds, or a later text says all of it. ignore: it stands as it is, also when
you are not sure.
Earlier text: {text}
Said later: {later}""",
    inputs=Fields(of={"text": LONG, "later": OPTIONS}),
    output=Fields(
        of={
            "action": Choice(options=("update", "delete", "ignore")),
            "text": Text("the new wording, for update", True, 400),
        }
    ),
    remembered=("text", "later"),
    rule=rule,
)
