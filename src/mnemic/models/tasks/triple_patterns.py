"""Triple patterns: which slots of the triples that answer a question are known."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from mnemic.core.names import find_names
from mnemic.core.shape import Fields, Items, Text
from mnemic.core.task import Task
from mnemic.models.tasks.parts import INSTRUCTION, LONG

_WHO = re.compile(r"^\W*(?:who|which|what)\s+(\w+(?:\s+(?:to|in|at|on|with|for|from|of|by))?)\s+(.+?)\W*$", re.I)
_AUXILIARY = {"do", "does", "did", "is", "are", "was", "were", "has", "have", "had", "will", "can", "could", "would"}

PATTERN = Fields(
    of={
        "head": Text("the subject, empty when it is asked for", True, 100),
        "relation": Text("how they are related, empty when it is asked for", True, 80),
        "tail": Text("the object, empty when it is asked for", True, 160),
    }
)


def rule(inputs: Mapping[str, Any]) -> Mapping[str, Any]:
    """ "Who works at Acme?" gives relation and object; every name may be subject or object.

    >>> rule({"question": "Who works at Acme?"})["patterns"]
    [{'relation': 'works at', 'tail': 'Acme'}, {'head': 'Acme'}, {'tail': 'Acme'}]
    """
    question = inputs["question"]
    patterns: list[dict[str, str]] = []
    asked = _WHO.match(question)
    if asked and asked[1].split()[0].lower() not in _AUXILIARY and len(asked[2]) <= 160:
        patterns.append({"relation": asked[1], "tail": asked[2]})
    for name in find_names(question)[:4]:
        patterns += [{"head": name[:100]}, {"tail": name[:160]}]
    return {"patterns": patterns}


TASK = Task(
    name="triple_patterns",
    summary="the known slots of the triples that answer a question",
    prompt="""Facts are kept as triples of subject, relation and object. Which triples must be looked up to answer the
question? Fill in the slots that the question gives and leave those empty that it asks for; one or two slots must be
empty. A question over several facts gives several patterns.
Particular wishes: {instruction}
Question: {question}""",
    inputs=Fields(of={"question": LONG, "instruction": INSTRUCTION}),
    output=Fields(of={"patterns": Items("what to look up", True, PATTERN, 8)}),
    rule=rule,
)
