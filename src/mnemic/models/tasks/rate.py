"""Rate: a number from 0 to 1 for each text on a scale that is described."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mnemic.core.analysis import terms
from mnemic.core.shape import Alias, Fields, Items, Number, Text
from mnemic.core.task import Task
from mnemic.models.tasks.parts import OPTIONS, aliases


def output(inputs: Mapping[str, Any]) -> Fields:
    """One score a text."""
    score = Fields(of={"alias": Alias(shown=aliases(inputs["texts"])), "score": Number()})
    return Fields(of={"scores": Items(of=score, most=len(inputs["texts"]))})


def rule(inputs: Mapping[str, Any]) -> Mapping[str, Any]:
    """The more different content words, the higher: 20 of them give 1.

    >>> rule({"scale": "importance", "texts": [{"alias": "0", "text": "green tea"}]})
    {'scores': [{'alias': '0', 'score': 0.1}]}
    """
    texts = inputs["texts"]
    return {"scores": [{"alias": t["alias"], "score": min(len(set(terms(t["text"]))) / 20, 1.0)} for t in texts]}


TASK = Task(
    name="rate",
    summary="a number from 0 to 1 for each text on a described scale",
    prompt="""Rate each text from 0 to 1 on this scale: {scale}
Texts: {texts}""",
    inputs=Fields(of={"scale": Text(most=1000), "texts": OPTIONS}),
    output=output,
    rule=rule,
)
