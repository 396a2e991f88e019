"""A system prompt restated: an assistant or tool repeats its instructions, which are nobody's memories.

score = share of the text's runs of words that stand in a system turn of the same batch, or the number of sentences
that instruct an assistant, by five, where the text opens as such a prompt does.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from mnemic.governance.shingles import contained
from mnemic.governance.standing import Finding, Said

NAME, THRESHOLD = "restated prompt", 0.6
FEWEST_RUNS = 15
_OPENING = re.compile(
    r"^\W*(?:system prompt\W*)?(?:you are|you're|your (?:role|task|job) is|act as)\s+(?:\w+[ ,]+){0,4}?(?:an? |the )?"
    r"(?:[\w-]+ ){0,6}(?:assistant|agent|ai\b|chatbot|language model|copilot|bot\b)",
    re.IGNORECASE,
)
_ORDER = re.compile(
    r"(?:^|[.!?:]\s+|\n\s*[-*\d.]*\s*)(?:you (?:must|should|will|can|may|have access|are)|always|never|do not|don't|when the"
    r" user|if the user|respond|use the|be (?:concise|helpful|polite)|your)\b",
    re.IGNORECASE,
)
_ORDERS = 5


def check_restated_prompt(said: Said, prompts: Sequence[str]) -> Finding | None:
    """Whether an event's words, which are not its user's, are a system prompt.

    >>> from mnemic.core.evidence import Event, Part
    >>> from mnemic.core.times import instant
    >>> text = "You are a helpful assistant. Always be polite. Never lie. You must cite. Do not guess. Use the tools."
    >>> event = Event(id="e", session="s", role="assistant", parts=(Part("text", text),),
    ...               occurred_at=instant("2026-01-01"))
    >>> check_restated_prompt(Said.of(event), []).counts
    True
    """
    text = said.unconfirmed
    if len(text) < 80 or said.event.role == "system":
        return None
    if prompts:
        share, runs = contained(text, prompts)
        if runs >= FEWEST_RUNS and share >= THRESHOLD:
            return Finding(NAME, share, THRESHOLD, "repeats a system turn of the same batch")
    if _OPENING.match(text):
        orders = len(_ORDER.findall(text))
        return Finding(NAME, min(1.0, orders / _ORDERS), THRESHOLD, f"opens as a prompt and gives {orders} orders")
    return None
