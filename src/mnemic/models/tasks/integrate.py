"""Integrate: what each newly opened page adds to the notes on a question."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mnemic.core.shape import Alias, Fields, Items, Text
from mnemic.core.task import Task
from mnemic.models.tasks.parts import LONG, OPTIONS, SENTENCES, aliases, shared


def output(inputs: Mapping[str, Any]) -> Fields:
    """At most one note a page."""
    note = Fields(of={"alias": Alias(shown=aliases(inputs["pages"])), "text": Text("facts only", most=1200)})
    return Fields(of={"notes": Items(of=note, most=len(inputs["pages"]))})


def rule(inputs: Mapping[str, Any]) -> Mapping[str, Any]:
    """The sentences that share a word with the question or with what is needed now.

    >>> rule({"question": "Whom did Anna meet?", "need": "", "notes": "",
    ...       "pages": [{"alias": "0", "text": "It rained. Anna met Ben."}]})
    {'notes': [{'alias': '0', 'text': 'Anna met Ben.'}]}
    """
    notes = []
    asked = f"{inputs['question']} {inputs['need']}"
    for page in inputs["pages"]:
        said = dict.fromkeys(s.strip() for s in SENTENCES.split(page["text"]))
        told = [s for s in said if s and shared(asked, s) > 0]
        best = sorted(told, key=lambda sentence: -shared(asked, sentence))
        kept: list[str] = []
        for sentence in best:
            if sum(len(other) + 1 for other in kept) + len(sentence) <= 1200:
                kept.append(sentence)
        if kept:
            notes.append({"alias": page["alias"], "text": "\n".join(s for s in told if s in kept)})
    return {"notes": notes}


TASK = Task(
    name="integrate",
    summary="what opened pages add to the notes on a question",
    prompt="""From each page note the facts that bear on the question or on what is needed now, with names, numbers and
dates, so that the note can be understood alone. Do not answer the question, and add nothing that the page does not say.
Leave out pages that add nothing to what is known.
Question: {question}
Needed now: {need}
Known so far: {notes}
Pages: {pages}""",
    inputs=Fields(of={"question": LONG, "need": LONG, "notes": LONG, "pages": OPTIONS}),
    output=output,
    remembered=("notes", "pages"),
    rule=rule,
)
