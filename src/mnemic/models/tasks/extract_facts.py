"""Extract facts: self-contained statements out of turns, each with the turns that it rests on."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mnemic.core.shape import Alias, Fields, Items, Number, Text
from mnemic.core.task import Task
from mnemic.models.tasks.parts import READ, aliases, room, told


def output(inputs: Mapping[str, Any]) -> Fields:
    """At most 20 facts, or two a turn, resting on turns that were shown."""
    fact = Fields(
        of={
            "text": Text("the fact as one sentence that can be understood alone: names, not pronouns", most=300),
            "turns": Items("the turns that say it", True, Alias(shown=aliases(inputs["turns"])), 8),
            "subject": Text("whom or what it is about", True, 80),
            "attribute": Text("which property of the subject it tells, such as 'home' or 'job'", True, 60),
            "value": Text("the value of that property", True, 160),
            "entities": Items("names in it", True, Text(most=80), 8),
            "tags": Items("one to three topics in a word each", True, Text(most=40), 5),
            "importance": Number("how much it matters for the person, 0 to 1", True),
        }
    )
    return Fields(of={"records": Items(of=fact, most=room(inputs["turns"]))})


def rule(inputs: Mapping[str, Any]) -> Mapping[str, Any]:
    """Every sentence that tells something is a fact.

    >>> rule({"turns": [{"alias": "0", "speaker": "Anna", "text": "I moved to Lisbon in May."}]})["records"]
    [{'text': 'Anna: I moved to Lisbon in May.', 'turns': ['0']}]
    """
    return {
        "records": [
            {"text": sentence[:300], "turns": [turn["alias"]]} for turn in inputs["turns"] for sentence in told(turn)
        ]
    }


TASK = Task(
    name="extract_facts",
    summary="facts out of turns, each resting on turns",
    prompt="""Report what the turns tell that is worth remembering: about people, their lives, plans, tastes, and about
the world. One fact a sentence. Resolve 'I', 'my', 'yesterday' with the speaker and date of the turn. Report only what
the turns say. The earlier turns are for understanding; what is remembered is known already: report neither.
Nothing worth remembering gives an empty list.
Particular wishes: {instruction}
Earlier turns: {earlier}
Remembered: {known}
Turns: {turns}""",
    inputs=READ,
    output=output,
    remembered=("known",),
    rule=rule,
)
