"""Extract typed records: what the turns tell, each as a record of one of the kinds that are asked for."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mnemic.core.shape import Alias, Choice, Fields, Items, Text
from mnemic.core.task import Task
from mnemic.models.tasks.parts import EARLIER, INSTRUCTION, KNOWN, NAMED, TURNS, aliases, room, told
from mnemic.models.tasks.route import CUES

#: Kinds that a sentence gives away by its words, the most particular first.
CUED = ("secret", "core", "resource", "procedural")


def output(inputs: Mapping[str, Any]) -> Fields:
    """At most 20 records of the kinds asked for, or two a turn."""
    record = Fields(
        of={
            "kind": Choice(options=aliases(inputs["kinds"], "name")),
            "text": Text("the content as a text that can be understood alone", most=500),
            "turns": Items("the turns that say it", True, Alias(shown=aliases(inputs["turns"])), 8),
            "title": Text("a heading of a few words", True, 100),
            "steps": Items("the steps in order, when it tells how something is done", True, Text(most=200), 12),
            "entities": Items("names in it", True, Text(most=80), 8),
            "tags": Items("one to three topics in a word each", True, Text(most=40), 5),
        }
    )
    return Fields(of={"records": Items(of=record, most=room(inputs["turns"]))})


def rule(inputs: Mapping[str, Any]) -> Mapping[str, Any]:
    """Every sentence that tells something, as a record of the kind whose cue words it holds, else of the first kind.

    >>> turn = {"alias": "0", "speaker": "Anna", "text": "I moved to Lisbon. My PIN is 4711."}
    >>> records = rule({"turns": [turn], "kinds": [{"name": "episodic"}, {"name": "secret"}]})["records"]
    >>> [(record["kind"], record["text"]) for record in records]
    [('episodic', 'Anna: I moved to Lisbon.'), ('secret', 'Anna: My PIN is 4711.')]
    """
    names = aliases(inputs["kinds"], "name")

    def kind_of(sentence: str) -> str:
        return next((name for name in CUED if name in names and CUES[name].search(sentence)), names[0])

    return {
        "records": [
            {"kind": kind_of(sentence), "text": sentence[:500], "turns": [turn["alias"]]}
            for turn in inputs["turns"]
            for sentence in told(turn)
        ]
    }


TASK = Task(
    name="extract_typed",
    summary="records of given kinds out of turns",
    prompt="""Report what the turns tell, each piece as a record of the kind that fits it best.
Kinds: {kinds}
Resolve pronouns and relative dates with the speaker and date of the turn. Report only what the turns say; the earlier
turns are for understanding, what is remembered is known already. Nothing of any kind gives an empty list.
Particular wishes: {instruction}
Earlier turns: {earlier}
Remembered: {known}
Turns: {turns}""",
    inputs=Fields(of={"kinds": NAMED, "turns": TURNS, "earlier": EARLIER, "known": KNOWN, "instruction": INSTRUCTION}),
    output=output,
    remembered=("known",),
    rule=rule,
)
