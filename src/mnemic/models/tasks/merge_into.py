"""Merge into: whether a new text goes on with one of those known, and what both then say together."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mnemic.core.shape import Alias, Fields, Text
from mnemic.core.task import Task
from mnemic.models.tasks.parts import INSTRUCTION, KNOWN, LONG, aliases, central, shared

#: From this share of common words on, a rule takes two texts to be on the same topic.
SAME_TOPIC = 0.5


def output(inputs: Mapping[str, Any]) -> Fields:
    """One of the known texts and the wording of both, or nothing."""
    return Fields(
        of={
            "into": Alias("the known text that it belongs to; empty when it fits none", True, _of(inputs)),
            "text": Text("what both say together, when it belongs to one", True, 800),
        }
    )


def _of(inputs: Mapping[str, Any]) -> tuple[str, ...]:
    return aliases(inputs["known"])


def rule(inputs: Mapping[str, Any]) -> Mapping[str, Any]:
    """It goes into the text that holds most of its words, if that is half of them.

    >>> rule({"new": "Rex the dog barks.", "known": [{"alias": "0", "text": "Rex is a dog."}]})
    {'into': '0', 'text': 'Rex is a dog.\\nRex the dog barks.'}
    """
    shares = {known["alias"]: shared(inputs["new"], known["text"]) for known in inputs["known"]}
    best = max(shares, key=lambda alias: shares[alias], default=None)
    if best is None or shares[best] < SAME_TOPIC:
        return {"into": "", "text": ""}
    text = next(known["text"] for known in inputs["known"] if known["alias"] == best)
    return {"into": best, "text": central([text, inputs["new"]], 800)}


TASK = Task(
    name="merge_into",
    summary="whether a text belongs to one that is known, and what both say",
    prompt="""Is the new text about the same matter as one of those known? Then name that one and write a text that
keeps everything both say; where they disagree, the new text holds. If it is about something else, name none.
Particular wishes: {instruction}
Known: {known}
New text: {new}""",
    inputs=Fields(of={"new": LONG, "known": KNOWN, "instruction": INSTRUCTION}),
    output=output,
    remembered=("known",),
    rule=rule,
)
