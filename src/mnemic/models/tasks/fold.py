"""Fold: a running text, with new texts worked into it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mnemic.core.shape import Fields, Items, Text
from mnemic.core.task import Task
from mnemic.models.tasks.parts import INSTRUCTION, LONG, WHOLE_NUMBER, central


def output(inputs: Mapping[str, Any]) -> Fields:
    """A text of about the tokens asked for, at four characters each."""
    return Fields(of={"text": Text("the new text", True, max(40, 5 * inputs["tokens"]))})


def rule(inputs: Mapping[str, Any]) -> Mapping[str, Any]:
    """The central sentences of all texts.

    >>> rule({"text": "Rex is a dog.", "new": ["Rex the dog barks.", "It rained."], "tokens": 4})
    {'text': 'Rex is a dog.'}
    """
    return {"text": central([inputs["text"], *inputs["new"]], 4 * inputs["tokens"])}


TASK = Task(
    name="fold",
    summary="new texts worked into a running one",
    prompt="""Work the new texts into the text so far, in at most {tokens} tokens. Keep what is specific: names,
numbers, dates, what was decided. The more things it stands for ({count}), the more general it may be. Where
texts disagree, the newer one holds.
Particular wishes: {instruction}
Text so far: {text}
New texts: {new}""",
    inputs=Fields(
        of={
            "text": LONG,
            "new": Items(of=LONG, most=10_000),
            "count": WHOLE_NUMBER,
            "tokens": WHOLE_NUMBER,
            "instruction": INSTRUCTION,
        }
    ),
    output=output,
    remembered=("text",),
    rule=rule,
)
