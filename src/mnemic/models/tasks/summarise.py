"""Summarise: what happened in a stretch of conversation, as prose."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mnemic.core.shape import Fields, Text
from mnemic.core.task import Task
from mnemic.models.tasks.parts import EARLIER, INSTRUCTION, TURNS, WHOLE_NUMBER, central


def output(inputs: Mapping[str, Any]) -> Fields:
    """A text of about the tokens asked for, at four characters each."""
    return Fields(of={"text": Text("the summary", True, max(40, 5 * inputs["tokens"]))})


def rule(inputs: Mapping[str, Any]) -> Mapping[str, Any]:
    """The central sentences, each with who said it.

    >>> rule({"turns": [{"speaker": "Anna", "text": "I moved."}], "tokens": 20})
    {'text': 'Anna: I moved.'}
    """
    lines = [f"{turn['speaker']}: {turn['text']}" if turn.get("speaker") else turn["text"] for turn in inputs["turns"]]
    return {"text": central(lines, 4 * inputs["tokens"])}


TASK = Task(
    name="summarise",
    summary="a summary of turns",
    prompt="""Summarise the turns in at most {tokens} tokens: who, what, when, what was decided. Names, not pronouns;
dates, not 'yesterday'. The earlier turns are for understanding only.
Particular wishes: {instruction}
Earlier turns: {earlier}
Turns: {turns}""",
    inputs=Fields(of={"turns": TURNS, "earlier": EARLIER, "tokens": WHOLE_NUMBER, "instruction": INSTRUCTION}),
    output=output,
    rule=rule,
)
