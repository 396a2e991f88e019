"""Extract units: facts and opinions with the people and things in them, and what caused what."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mnemic.core.names import find_names
from mnemic.core.shape import Alias, Choice, Fields, Items, Number, Text
from mnemic.core.task import Task
from mnemic.models.tasks.parts import READ, aliases, room, told


def output(inputs: Mapping[str, Any]) -> Fields:
    """At most 20 units, or two a turn, resting on turns that were shown."""
    cause = Fields(
        of={
            "ref": Text("the name of the other unit", most=40),
            "how": Choice("", options=("causes", "caused_by", "enables", "prevents")),
            "strength": Number("how sure, 0 to 1", True),
        }
    )
    unit = Fields(
        of={
            "ref": Text("a short name of this unit within the answer", True, 40),
            "text": Text("the fact or opinion as a sentence that can be understood alone", most=400),
            "turns": Items("the turns that say it", True, Alias(shown=aliases(inputs["turns"])), 8),
            "kind": Choice("an opinion is a belief", True, ("semantic", "episodic", "belief")),
            "epistemic": Choice("an opinion is a belief", True, ("evidence", "belief")),
            "confidence": Number("how firmly an opinion is held, 0 to 1", True),
            "entities": Items("names in it", True, Text(most=80), 8),
            "causal": Items("which other units of this answer it causes or is caused by", True, cause, 5),
        }
    )
    return Fields(of={"records": Items(of=unit, most=room(inputs["turns"]))})


def rule(inputs: Mapping[str, Any]) -> Mapping[str, Any]:
    """Every sentence that tells something is a fact about the names in it; "I think" makes it a belief.

    >>> turn = {"alias": "0", "speaker": "Anna", "text": "I think Rex is clever."}
    >>> rule({"turns": [turn]})["records"][0]["kind"]
    'belief'
    """
    units = []
    for turn in inputs["turns"]:
        for sentence in told(turn):
            held = any(f" {verb} " in sentence.lower() for verb in ("i think", "i believe", "i feel", "in my opinion"))
            unit: dict[str, Any] = {
                "text": sentence[:400],
                "turns": [turn["alias"]],
                "entities": find_names(sentence)[:8],
            }
            if held:
                unit |= {"kind": "belief", "epistemic": "belief", "confidence": 0.6}
            units.append(unit)
    return {"records": units}


TASK = Task(
    name="extract_units",
    summary="facts and opinions with entities and causes out of turns",
    prompt="""Report what the turns tell, as facts and opinions of the speakers, each with the people and things in it.
Where one causes another within the answer, name both and say so. Resolve pronouns and relative dates. Report only what
the turns say; the earlier turns are for understanding, what is remembered is known already.
Particular wishes: {instruction}
Earlier turns: {earlier}
Remembered: {known}
Turns: {turns}""",
    inputs=READ,
    output=output,
    remembered=("known",),
    rule=rule,
)
