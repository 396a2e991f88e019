"""Echo: an assistant or tool repeats what was just recalled; taken in again it would grow with every turn.

score = share of the event's five-word runs that stand in the lines of recent receipts; short texts do not count.
"""

from __future__ import annotations

from collections.abc import Sequence

from mnemic.governance.shingles import contained
from mnemic.governance.standing import Finding, Said

NAME, THRESHOLD = "echo", 0.75
#: An answer that quotes a line or two is none.
FEWEST_RUNS = 20


def may_echo(said: Said) -> bool:
    """Whether an event is long enough, and not its user's words, to be compared with what was recalled."""
    return len(said.unconfirmed) >= 100


def check_echo(said: Said, recalled: Sequence[str]) -> Finding | None:
    """How much of an event is what memory has just told."""
    if not recalled or not may_echo(said):
        return None
    share, runs = contained(said.unconfirmed, recalled)
    if runs < FEWEST_RUNS:
        return None
    return Finding(NAME, share, THRESHOLD, "repeats what was recalled before")
