"""Continues: whether a turn goes on with what was spoken of just before."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mnemic.core.analysis import terms
from mnemic.core.shape import Fields, Flag
from mnemic.core.task import Task
from mnemic.models.tasks.parts import TURNS


def rule(inputs: Mapping[str, Any]) -> Mapping[str, Any]:
    """A turn goes on when it is short or shares a content word with the turns before.

    >>> rule({"earlier": [{"text": "Rex barks"}], "turns": [{"text": "Why does Rex bark?"}]})
    {'continues': True}
    """
    before = {term for turn in inputs["earlier"] for term in terms(turn["text"])}
    now = {term for turn in inputs["turns"] for term in terms(turn["text"])}
    return {"continues": len(now) < 4 or not before.isdisjoint(now)}


TASK = Task(
    name="continues",
    summary="whether a turn goes on with the topic before it",
    prompt="""Do the new turns go on with the topic of the earlier turns, or do they open another one?
Earlier turns: {earlier}
New turns: {turns}""",
    inputs=Fields(of={"earlier": TURNS, "turns": TURNS}),
    output=Fields(of={"continues": Flag("true when the topic goes on")}),
    rule=rule,
)
