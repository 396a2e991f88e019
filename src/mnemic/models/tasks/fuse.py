"""Fuse: one text that says what several say, the newer of two that disagree."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mnemic.core.shape import Fields, Flag, Text
from mnemic.core.task import Task
from mnemic.models.tasks.parts import INSTRUCTION, OPTIONS, central


def rule(inputs: Mapping[str, Any]) -> Mapping[str, Any]:
    """Their central sentences.

    >>> rule({"texts": [{"text": "Anna likes tea."}, {"text": "Anna has a dog."}]})["text"]
    'Anna likes tea.\\nAnna has a dog.'
    """
    return {"possible": True, "text": central([item["text"] for item in inputs["texts"]], 600)}


TASK = Task(
    name="fuse",
    summary="one text out of several on the same thing",
    prompt="""Write one text that keeps everything these texts say. Where they disagree, the later one holds. If they
cannot be said in one text, say that it is not possible.
Particular wishes: {instruction}
Texts, oldest first: {texts}""",
    inputs=Fields(of={"texts": OPTIONS, "instruction": INSTRUCTION}),
    output=Fields(of={"possible": Flag("false when they cannot be one text"), "text": Text("", True, 800)}),
    remembered=("texts",),
    rule=rule,
)
