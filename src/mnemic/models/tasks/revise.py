"""Revise: what later texts make of an earlier one: a new wording, its end, or nothing."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mnemic.core.shape import Alias, Choice, Fields, Text
from mnemic.core.task import Task
from mnemic.models.tasks.parts import LONG, OPTIONS, aliases, holds


def output(inputs: Mapping[str, Any]) -> Fields:
    """One of three actions, and the later text that asks for it."""
    return Fields(
        of={
            "action": Choice(options=("update", "delete", "ignore")),
            "text": Text("the new wording, for update", True, 400),
            "because": Alias("the later text that asks for it", True, aliases(inputs["later"])),
        }
    )


def rule(inputs: Mapping[str, Any]) -> Mapping[str, Any]:
    """A text all of whose words stand in a later one in order is not needed any more; no rule can tell a contradiction.

    >>> rule({"text": "Anna rows", "later": [{"alias": "0", "text": "Anna rows on the Tagus"}]})
    {'action': 'delete', 'because': '0'}
    """
    holding = [later["alias"] for later in inputs["later"] if holds(later["text"], inputs["text"])]
    return {"action": "delete", "because": holding[-1]} if holding else {"action": "ignore"}


TASK = Task(
    name="revise",
    summary="what later texts make of an earlier one",
    prompt="""Does anything said later change what the earlier text says? update: it is to be completed or corrected;
give the new wording. delete: it no longer holds, or a later text says all of it. ignore: it stands as it is, also when
you are not sure. Name the later text that asks for it.
Earlier text: {text}
Said later: {later}""",
    inputs=Fields(of={"text": LONG, "later": OPTIONS}),
    output=output,
    remembered=("text", "later"),
    rule=rule,
)
