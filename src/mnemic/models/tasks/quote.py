"""Quote: the words of each passage that bear on a question, and nothing else."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mnemic.core.shape import Alias, Fields, Items, Text
from mnemic.core.task import Task
from mnemic.models.tasks.parts import LONG, OPTIONS, SENTENCES, aliases, shared


def output(inputs: Mapping[str, Any]) -> Fields:
    """At most one quotation a passage."""
    quotation = Fields(of={"alias": Alias(shown=aliases(inputs["passages"])), "text": Text("word for word", most=1000)})
    return Fields(of={"quotes": Items(of=quotation, most=len(inputs["passages"]))})


def rule(inputs: Mapping[str, Any]) -> Mapping[str, Any]:
    """The sentences that share a word with the question.

    >>> passages = [{"alias": "0", "text": "It rained. Anna drank tea."}, {"alias": "1", "text": "Dogs bark."}]
    >>> rule({"question": "Which tea?", "passages": passages})
    {'quotes': [{'alias': '0', 'text': 'Anna drank tea.'}]}
    """
    quotes = []
    for passage in inputs["passages"]:
        kept = [s for s in SENTENCES.split(passage["text"]) if s.strip() and shared(inputs["question"], s) > 0]
        if kept:
            quotes.append({"alias": passage["alias"], "text": " ".join(kept)[:1000]})
    return {"quotes": quotes}


TASK = Task(
    name="quote",
    summary="the words of each passage that bear on a question",
    prompt="""From each passage copy, word for word, what bears on the question. Leave out passages that do not.
Question: {question}
Passages: {passages}""",
    inputs=Fields(of={"question": LONG, "passages": OPTIONS}),
    output=output,
    remembered=("passages",),
    rule=rule,
)
