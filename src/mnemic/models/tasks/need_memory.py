"""Need memory: whether a message can be answered without remembering anything."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from mnemic.core.shape import Fields, Flag
from mnemic.core.task import Task
from mnemic.models.tasks.parts import INSTRUCTION, LONG

#: What needs no memory: greetings, thanks, sums, and asking about the world in general.
_PLAIN = re.compile(
    r"^\W*(?:hi|hello|hey|thanks?|thank you|bye|good (?:morning|night|evening)|ok|okay)\b[^?]{0,20}$"
    r"|^\W*(?:what is|what's|calculate)?\s*[\d\s+*/().^-]+\??$"
    r"|^\W*(?:translate|define|spell)\b",
    re.IGNORECASE,
)


def rule(inputs: Mapping[str, Any]) -> Mapping[str, Any]:
    """Greetings, thanks and sums need none.

    >>> rule({"question": "Thank you!"}), rule({"question": "Where do I live?"})
    ({'need': False}, {'need': True})
    """
    return {"need": not _PLAIN.match(inputs["question"])}


TASK = Task(
    name="need_memory",
    summary="whether a message needs anything remembered",
    prompt="""Can this message be answered well without remembering earlier conversations?
Particular wishes: {instruction}
Message: {question}""",
    inputs=Fields(of={"question": LONG, "instruction": INSTRUCTION}),
    output=Fields(of={"need": Flag("true when something must be remembered")}),
    rule=rule,
)
