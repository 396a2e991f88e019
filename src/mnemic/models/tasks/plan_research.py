"""Plan research: which pages of a map to open, and what to search for, for what a question still needs."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from mnemic.core.analysis import STOP_WORDS, words
from mnemic.core.shape import Alias, Fields, Items, Text
from mnemic.core.task import Task
from mnemic.models.tasks.parts import LONG, OPTIONS, aliases, shared

_OPEN = 2


def output(inputs: Mapping[str, Any]) -> Fields:
    """At most five queries, ten words and five pages."""
    return Fields(
        of={
            "queries": Items("questions to search for by meaning", True, Text(most=300), 5),
            "words": Items("rare words that the evidence will hold", True, Text(most=60), 10),
            "pages": Items("pages to open, most promising first", True, Alias(shown=aliases(inputs["map"])), 5),
        }
    )


def rule(inputs: Mapping[str, Any]) -> Mapping[str, Any]:
    """The need itself, its content words, and the pages whose abstracts share most of them.

    >>> rule({"need": "Which tea?", "map": [{"alias": "0", "text": "On dogs"}, {"alias": "1", "text": "On tea"}]})
    {'queries': ['Which tea?'], 'words': ['tea'], 'pages': ['1']}
    """
    need = inputs["need"]
    told = [word for word in dict.fromkeys(words(need)) if word not in STOP_WORDS and re.search(r"\w{3}", word)]
    scores = {page["alias"]: shared(need, page["text"]) for page in inputs["map"]}
    pages = sorted((alias for alias in scores if scores[alias] > 0), key=lambda alias: -scores[alias])
    return {"queries": [need[:300]], "words": [word[:60] for word in told[:10]], "pages": pages[:_OPEN]}


TASK = Task(
    name="plan_research",
    summary="which pages to open and what to search for",
    prompt="""You look for what answers a question, in pages of which you see the abstracts only. Say what to search for
now: questions to search by meaning, rare words that the evidence will hold, and pages to open. Use what helps, leave
the rest empty.
Question: {question}
Needed now: {need}
Known so far: {notes}
Pages: {map}""",
    inputs=Fields(of={"question": LONG, "need": LONG, "notes": LONG, "map": OPTIONS}),
    output=output,
    remembered=("notes", "map"),
    rule=rule,
)
