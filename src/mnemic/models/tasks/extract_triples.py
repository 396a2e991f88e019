"""Extract triples: subject, relation and object out of turns."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from mnemic.core.shape import Alias, Fields, Items, Text
from mnemic.core.task import Task
from mnemic.models.tasks.parts import READ, aliases, room, told

_VERB = re.compile(
    r"\b(?:am|is|are|was|were|has|have|had|will|would|can|could|do|does|did|like|likes|liked|love|loves|loved|live|"
    r"lives|lived|work|works|worked|want|wants|wanted|need|needs|went|go|goes|got|get|made|make|makes|took|take|"
    r"moved|bought|started|visited|met|saw|play|plays|played|\w+ed)\b(?:\s+(?:to|in|at|on|with|for|from|of|by))?",
    re.IGNORECASE,
)


def output(inputs: Mapping[str, Any]) -> Fields:
    """At most 30 triples, or two a turn, resting on turns that were shown."""
    triple = Fields(
        of={
            "head": Text("the subject, a name", most=100),
            "relation": Text("how they are related, a few words", most=80),
            "tail": Text("the object", most=160),
            "turns": Items("the turns that say it", True, Alias(shown=aliases(inputs["turns"])), 8),
        }
    )
    return Fields(of={"records": Items(of=triple, most=room(inputs["turns"], 30))})


def rule(inputs: Mapping[str, Any]) -> Mapping[str, Any]:
    """A sentence falls apart at its first verb; the first person is the speaker.

    >>> turn = {"alias": "0", "speaker": "Anna", "text": "I moved to Lisbon in May."}
    >>> rule({"turns": [turn]})["records"]
    [{'head': 'Anna', 'relation': 'moved to', 'tail': 'Lisbon in May', 'turns': ['0']}]
    """
    found = []
    for turn in inputs["turns"]:
        for sentence in told({**turn, "speaker": ""}):
            verb = _VERB.search(sentence)
            if verb is None:
                continue
            head, tail = sentence[: verb.start()].strip(" ,'’"), sentence[verb.end() :].strip(" .,!")
            first_person = head.split()[-1:] in (["I"], ["we"], ["We"], []) and turn.get("speaker")
            if first_person:
                head = turn["speaker"]
            if head and tail and len(head) <= 100:
                relation = " ".join(verb.group().lower().split())
                found.append({"head": head, "relation": relation, "tail": tail[:160], "turns": [turn["alias"]]})
    return {"records": found}


TASK = Task(
    name="extract_triples",
    summary="subject, relation, object out of turns",
    prompt="""Report what the turns tell as triples of subject, relation and object. The subject is a name, never a
pronoun. Use a relation of those remembered where one fits. Report only what the turns say.
Particular wishes: {instruction}
Earlier turns: {earlier}
Remembered: {known}
Turns: {turns}""",
    inputs=READ,
    output=output,
    remembered=("known",),
    rule=rule,
)
