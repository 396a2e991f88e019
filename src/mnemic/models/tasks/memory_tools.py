"""Memory tools: the calls by which turns are written into a memory of three parts, all in one answer."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mnemic.core.shape import Alias, Choice, Fields, Items, Text
from mnemic.core.task import Task
from mnemic.models.tasks.parts import INSTRUCTION, KNOWN, LONG, TURNS, WHOLE_NUMBER, aliases, told
from mnemic.models.tasks.route import CUES

KINDS = ("core", "semantic", "episodic")


def output(inputs: Mapping[str, Any]) -> Fields:
    """At most 24 calls on what was shown; none is an answer too."""
    shown = (*aliases(inputs["semantic"]), *aliases(inputs["episodic"]))
    call = Fields(
        of={
            "tool": Choice(options=("insert", "update", "delete")),
            "kind": Choice("which part of the memory", options=KINDS),
            "memory": Alias("the memory that is updated or deleted; not for the core", True, shown),
            "text": Text("the new text, for insert and update", True, 2400),
            "turns": Items("the turns that say it", True, Alias(shown=aliases(inputs["turns"])), 8),
        }
    )
    return Fields(of={"calls": Items(of=call, most=24, optional=True)})


def rule(inputs: Mapping[str, Any]) -> Mapping[str, Any]:
    """Every sentence that tells something is inserted: as a fact when it tells how things are, else as an event.

    >>> turns = [{"alias": "0", "speaker": "Anna", "text": "I love green tea. We went to Porto in May."}]
    >>> calls = rule({"turns": turns, "semantic": [], "episodic": []})["calls"]
    >>> [(call["kind"], call["text"]) for call in calls]
    [('semantic', 'Anna: I love green tea.'), ('episodic', 'Anna: We went to Porto in May.')]
    """
    calls = []
    for turn in inputs["turns"]:
        for sentence in told(turn):
            kind = "semantic" if CUES["semantic"].search(sentence) else "episodic"
            calls.append({"tool": "insert", "kind": kind, "text": sentence[:2400], "turns": [turn["alias"]]})
    return {"calls": calls}


TASK = Task(
    name="memory_tools",
    summary="tool calls that write turns into core, semantic and episodic memory",
    prompt="""You keep a memory in three parts and are handed the next turns of a conversation. Write into it what will
matter later, all in this one answer; an empty list says that nothing will.
core: one paragraph on who the user is and what holds in general, at most {limit} tokens; an update replaces it whole.
semantic: facts, one a memory. episodic: events, each with its date.
insert a new memory; update one by its alias, with its whole new text; delete one that no longer holds.
Particular wishes: {instruction}
Core so far: {core}
Facts, the newest of {semantic_total}: {semantic}
Events, the newest of {episodic_total}: {episodic}
Turns: {turns}""",
    inputs=Fields(
        of={
            "turns": TURNS,
            "core": LONG,
            "limit": WHOLE_NUMBER,
            "semantic": KNOWN,
            "episodic": KNOWN,
            "semantic_total": Text(most=12),
            "episodic_total": Text(most=12),
            "instruction": INSTRUCTION,
        }
    ),
    output=output,
    remembered=("core", "semantic", "episodic"),
    rule=rule,
)
