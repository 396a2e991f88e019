"""Evolve neighbours: which notes a new note belongs with, and how it changes what they are filed under."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mnemic.core.shape import Alias, Fields, Items, Text
from mnemic.core.task import Task
from mnemic.models.tasks.parts import LONG, aliases, shared

WORDS = Items(optional=True, of=Text(most=200), most=40)
NOTE = {"time": Text(most=60, optional=True), "content": LONG, "context": LONG, "keywords": WORDS, "tags": WORDS}


def output(inputs: Mapping[str, Any]) -> Fields:
    """Connections and rewritings among the neighbours shown."""
    shown = aliases(inputs["neighbours"])
    tags = Items("categories", True, Text(most=40), 8)
    rewriting = Fields(of={"alias": Alias(shown=shown), "context": Text("", True, 300), "tags": tags})
    return Fields(
        of={
            "connections": Items("notes that belong with the new one", True, Alias(shown=shown), len(shown) + 2),
            "tags": Items("the new note's tags, if they should change", True, Text(most=40), 8),
            "rewrite": Items("neighbours that the new note shows in another light", True, rewriting, len(shown) + 2),
        }
    )


def rule(inputs: Mapping[str, Any]) -> Mapping[str, Any]:
    """Notes that share a third of their words or a tag are connected; nothing is rewritten.

    >>> note = {"content": "Rex saw a vet", "tags": ["pets"]}
    >>> rule({"note": note, "neighbours": [{"alias": "0", "content": "Rex barks", "tags": ["pets"]}]})["connections"]
    ['0']
    """
    note = inputs["note"]
    alike = [
        other["alias"]
        for other in inputs["neighbours"]
        if shared(note["content"], other["content"]) >= 1 / 3 or set(note["tags"]).intersection(other["tags"])
    ]
    return {"connections": alike}


TASK = Task(
    name="evolve_neighbours",
    summary="how a new note is connected, and what it changes about its neighbours",
    prompt="""A new note enters beside its nearest neighbours. Name those that belong with it. If it shows a neighbour
in another light, give that neighbour's new context and tags; if the neighbours show the note in another light, give
its tags.
New note: {note}
Neighbours: {neighbours}""",
    inputs=Fields(
        of={"note": Fields(of=NOTE), "neighbours": Items(of=Fields(of={"alias": Alias(), **NOTE}), most=100)}
    ),
    output=output,
    remembered=("neighbours",),
    rule=rule,
)
