"""Memory operations: what each new fact means for the remembered ones beside it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mnemic.core.shape import Alias, Choice, Fields, Items, Text
from mnemic.core.task import Task
from mnemic.models.tasks.parts import KNOWN, OPTIONS, aliases, holds


def output(inputs: Mapping[str, Any]) -> Fields:
    """At most two operations a fact."""
    operation = Fields(
        of={
            "event": Choice(options=("ADD", "UPDATE", "DELETE", "NONE")),
            "fact": Alias("the fact it comes from", shown=aliases(inputs["facts"])),
            "memory": Alias("the memory it changes, for UPDATE and DELETE", True, aliases(inputs["memories"])),
            "text": Text("the memory's new wording, for UPDATE", True, 400),
            "reason": Text("why, in a few words", True, 160),
        }
    )
    return Fields(of={"operations": Items(of=operation, most=2 * len(inputs["facts"]) + 4)})


def rule(inputs: Mapping[str, Any]) -> Mapping[str, Any]:
    """A fact whose words all stand in a memory, in order, is known; any other is new.

    >>> facts = [{"alias": "0", "text": "Anna likes tea"}, {"alias": "1", "text": "Anna has a dog"}]
    >>> made = rule({"facts": facts, "memories": [{"alias": "0", "text": "Anna likes green tea"}]})
    >>> [operation["event"] for operation in made["operations"]]
    ['NONE', 'ADD']
    """
    operations = []
    for fact in inputs["facts"]:
        event = "NONE" if any(holds(memory["text"], fact["text"]) for memory in inputs["memories"]) else "ADD"
        operations.append({"event": event, "fact": fact["alias"]})
    return {"operations": operations}


TASK = Task(
    name="memory_operations",
    summary="ADD, UPDATE, DELETE or NONE for each new fact",
    prompt="""Compare each new fact with what is remembered and say what to do:
ADD: it is new. UPDATE a memory: it tells more of, or corrects, that memory; give the new wording. DELETE a memory: it
says that the memory is no longer true; then ADD the fact itself if it is worth remembering. NONE: it is known already.
Name facts and memories by their aliases.
New facts: {facts}
Remembered: {memories}""",
    inputs=Fields(of={"facts": OPTIONS, "memories": KNOWN}),
    output=output,
    remembered=("memories",),
    rule=rule,
)
