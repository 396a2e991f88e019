"""Find topics: which stretches of a conversation belong together, each with a heading and a summary."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mnemic.core.analysis import terms
from mnemic.core.shape import Alias, Fields, Items, Text
from mnemic.core.task import Task
from mnemic.models.tasks.parts import EARLIER, INSTRUCTION, KNOWN, TURNS, aliases, central

#: Neighbouring windows that have less of their words in common than this are taken for two topics.
SHARED = 0.08
WINDOW = 3


def output(inputs: Mapping[str, Any]) -> Fields:
    """At most 20 topics, resting on turns that were shown."""
    topic = Fields(
        of={
            "title": Text("the topic in a few words", most=100),
            "text": Text("what was said on it, understandable alone", most=600),
            "turns": Items("the turns on it", True, Alias(shown=aliases(inputs["turns"])), 200),
        }
    )
    return Fields(of={"records": Items(of=topic, most=20)})


def rule(inputs: Mapping[str, Any]) -> Mapping[str, Any]:
    """A topic ends where the windows before and after a turn have hardly a word in common.

    >>> turns = [{"alias": str(i), "text": t} for i, t in enumerate(["Rex barks", "Rex the dog barks", "dog Rex sleeps",
    ...          "Lisbon trams run", "trams in Lisbon", "old Lisbon trams"])]
    >>> [topic["turns"] for topic in rule({"turns": turns})["records"]]
    [['0', '1', '2'], ['3', '4', '5']]
    """
    turns = inputs["turns"]
    bags = [set(terms(turn["text"])) for turn in turns]
    runs: list[list[Mapping[str, Any]]] = []
    for place, turn in enumerate(turns):
        before = set[str]().union(*bags[max(0, place - WINDOW) : place])
        after = set[str]().union(*bags[place : place + WINDOW])
        union = len(before | after)
        shifts = union and len(before & after) / union < SHARED and len(runs[-1:] and runs[-1]) >= 2
        if not runs or (shifts and len(runs) < 20):
            runs.append([])
        runs[-1].append(turn)
    return {"records": [_topic(run) for run in runs]}


def _topic(run: list[Mapping[str, Any]]) -> dict[str, Any]:
    lines = [f"{turn['speaker']}: {turn['text']}" if turn.get("speaker") else turn["text"] for turn in run]
    text = central(lines, 600) or "nothing"
    return {"title": central(lines, 100) or "nothing", "text": text, "turns": list(aliases(run))[:200]}


TASK = Task(
    name="find_topics",
    summary="stretches of a conversation by topic, each summarised",
    prompt="""Sort the turns by topic. Give each topic a heading, a summary that can be understood alone, and the turns
on it, in order. Every turn belongs to one topic.
Particular wishes: {instruction}
Earlier turns: {earlier}
Remembered topics: {known}
Turns: {turns}""",
    inputs=Fields(of={"turns": TURNS, "earlier": EARLIER, "known": KNOWN, "instruction": INSTRUCTION}),
    output=output,
    remembered=("known",),
    rule=rule,
)
