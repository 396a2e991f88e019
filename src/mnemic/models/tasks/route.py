"""Route: which kinds of record a stretch of conversation should become."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from mnemic.core.shape import Choice, Fields, Items
from mnemic.core.task import Task
from mnemic.models.tasks.parts import NAMED, TURNS, aliases

#: What gives a kind away; a kind that is not listed here is always taken.
CUES = {
    "secret": re.compile(
        r"\b(?:passwords?|passphrase|passcode|pin(?: code)?|api[ -]?key|secret key|credit card|account number|iban|"
        r"social security|cvv|one-time code)\b",
        re.I,
    ),
    "core": re.compile(
        r"\b(?:my name is|call me|i am called|from now on|please always|always answer|never answer)\b", re.I
    ),
    "resource": re.compile(
        r"https?://|\b(?:document|attached|attachment|spreadsheet|\w+\.(?:pdf|docx?|xlsx?|md|csv))\b", re.I
    ),
    "procedural": re.compile(
        r"\b(?:how to|steps?|first\b.*\bthen|recipe|instructions?|procedure|always|never)\b", re.I
    ),
    "semantic": re.compile(
        r"\b(?:is|are|am|like|love|hate|prefer|favou?rite|work|live|name|allergic|own|have)\b", re.I
    ),
}


def output(inputs: Mapping[str, Any]) -> Fields:
    """Any of the kinds, or none."""
    names = aliases(inputs["kinds"], "name")
    return Fields(of={"kinds": Items(of=Choice(options=names), most=len(names))})


def rule(inputs: Mapping[str, Any]) -> Mapping[str, Any]:
    """Kinds whose cue words occur.

    >>> turns = [{"text": "We went to the zoo."}]
    >>> rule({"turns": turns, "kinds": [{"name": "episodic"}, {"name": "procedural"}]})
    {'kinds': ['episodic']}
    """
    text = "\n".join(turn["text"] for turn in inputs["turns"])
    names = aliases(inputs["kinds"], "name")
    return {"kinds": [name for name in names if name not in CUES or CUES[name].search(text)]}


TASK = Task(
    name="route",
    summary="which kinds of record turns should become",
    prompt="""Which of these kinds of memory do the turns hold something for? Name every one that applies, or none.
Kinds: {kinds}
Turns: {turns}""",
    inputs=Fields(of={"kinds": NAMED, "turns": TURNS}),
    output=output,
    rule=rule,
)
