"""Echo: an assistant or tool repeats what was just recalled; taken in again it would grow with every turn.

score = share of the event's five-word runs that stand in the lines of recent receipts; short texts do not count.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from mnemic.governance.shingles import contained
from mnemic.governance.standing import Finding, Said

NAME, THRESHOLD = "echo", 0.5
_HEAD = re.compile(r"^\s*\[\d+\] [^:\n]{0,80}: ", re.MULTILINE)
#: An answer that quotes a line or two is none.
FEWEST_RUNS = 20


def may_echo(said: Said) -> bool:
    """Whether an event is long enough, and not its user's words, to be compared with what was recalled."""
    return len(said.unconfirmed) >= 100


def check_echo(said: Said, recalled: Sequence[str]) -> Finding | None:
    """How much of an event is what memory has just told."""
    if not recalled or not may_echo(said):
        return None
    # A line of a context begins with its number, date and speaker, which are no part of what it tells.
    share, runs = contained(_HEAD.sub("", said.unconfirmed), recalled)
    if runs < FEWEST_RUNS:
        return None
    return Finding(NAME, share, THRESHOLD, "repeats what was recalled before")
