"""Weigh beliefs: whether a new fact supports, weakens or contradicts what is believed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mnemic.core.shape import Alias, Choice, Fields, Items, Number, Text
from mnemic.core.task import Task
from mnemic.models.tasks.parts import LONG, aliases, shared

BELIEF = Fields(of={"alias": Alias(), "text": LONG, "confidence": Number(optional=True)})


def output(inputs: Mapping[str, Any]) -> Fields:
    """One verdict a belief."""
    verdict = Fields(
        of={
            "alias": Alias(shown=aliases(inputs["beliefs"])),
            "effect": Choice(options=("reinforce", "weaken", "contradict", "irrelevant")),
            "text": Text("a new wording of the belief, when it is contradicted", True, 400),
        }
    )
    return Fields(of={"verdicts": Items(of=verdict, most=len(inputs["beliefs"]) + 2)})


def rule(inputs: Mapping[str, Any]) -> Mapping[str, Any]:
    """A fact that shares most of a belief's words reinforces it; no rule can tell a contradiction.

    >>> rule({"fact": "Anna drank green tea", "beliefs": [{"alias": "0", "text": "Anna likes tea"}]})
    {'verdicts': [{'alias': '0', 'effect': 'reinforce'}]}
    """
    return {
        "verdicts": [
            {
                "alias": belief["alias"],
                "effect": "reinforce" if shared(belief["text"], inputs["fact"]) >= 0.6 else "irrelevant",
            }
            for belief in inputs["beliefs"]
        ]
    }


TASK = Task(
    name="weigh_beliefs",
    summary="what a fact means for beliefs",
    prompt="""What does the fact mean for each belief: does it reinforce, weaken or contradict it, or is it irrelevant?
For a contradicted belief give a wording that is true now.
Fact: {fact}
Beliefs: {beliefs}""",
    inputs=Fields(of={"fact": LONG, "beliefs": Items(of=BELIEF, most=1000)}),
    output=output,
    remembered=("beliefs",),
    rule=rule,
)
