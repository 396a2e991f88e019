"""Fold slots: texts are worked into a description with fixed parts, each about something of its own."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from mnemic.core.shape import Choice, Fields, Items, Text
from mnemic.core.task import Task
from mnemic.models.tasks.parts import INSTRUCTION, LONG, NAMED, SENTENCES, WHOLE_NUMBER, aliases, central

#: What gives a slot away by its words; a slot that is not listed here takes what no listed one does.
CUES = {
    "relationship": re.compile(r"\b(?:we|us|our|together|each other|friends?|married|partner|trust)\b", re.I),
    "events": re.compile(r"\b(?:went|met|moved|bought|started|visited|made|took|got|yesterday|last|\w+ed)\b", re.I),
}


def output(inputs: Mapping[str, Any]) -> Fields:
    """A text for each slot, together of about the tokens asked for."""
    most = max(40, 5 * inputs["tokens"])
    slot = Fields(of={"name": Choice(options=aliases(inputs["slots"], "name")), "text": Text("", True, most)})
    return Fields(of={"slots": Items(of=slot, most=len(inputs["slots"]))})


def rule(inputs: Mapping[str, Any]) -> Mapping[str, Any]:
    """Each sentence goes to the slot whose cue words it holds; of each slot the central sentences stay.

    >>> slots = [{"name": "user"}, {"name": "relationship"}]
    >>> rule({"text": "", "new": ["Anna rows. We trust each other."], "slots": slots, "tokens": 40})["slots"]
    [{'name': 'user', 'text': 'Anna rows.'}, {'name': 'relationship', 'text': 'We trust each other.'}]
    """
    names = aliases(inputs["slots"], "name")
    cued = [name for name in names if name in CUES]
    plain = [name for name in names if name not in CUES] or list(names)
    held: dict[str, list[str]] = {name: [] for name in names}
    for sentence in dict.fromkeys(
        s.strip() for text in [inputs["text"], *inputs["new"]] for s in SENTENCES.split(text)
    ):
        # The text so far is told slot by slot, each after its name.
        if sentence and sentence.rstrip(":") not in names:
            held[next((name for name in cued if CUES[name].search(sentence)), plain[0])].append(sentence)
    room = 4 * inputs["tokens"] // max(1, sum(bool(texts) for texts in held.values()))
    return {"slots": [{"name": name, "text": central(texts, room)} for name, texts in held.items() if texts]}


TASK = Task(
    name="fold_slots",
    summary="texts worked into a description with fixed parts",
    prompt="""Work the new texts into a description of these parts, in at most {tokens} tokens together. Keep what is
specific: names, numbers, dates. Where texts disagree, the newer one holds. A part that nothing is told of stays empty.
Parts: {slots}
Particular wishes: {instruction}
Description so far: {text}
New texts: {new}""",
    inputs=Fields(
        of={
            "text": LONG,
            "new": Items(of=LONG, most=10_000),
            "slots": NAMED,
            "tokens": WHOLE_NUMBER,
            "instruction": INSTRUCTION,
        }
    ),
    output=output,
    remembered=("text",),
    rule=rule,
)
