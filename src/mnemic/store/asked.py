"""What is kept of asking language models: one question with what became of it, and what asking has cost so far."""

from __future__ import annotations

from collections.abc import Mapping
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from mnemic.core.times import to_micros
from mnemic.core.usage import Usage

#: Whether this thread is within a write: a model is never asked there, since everyone else waits for its end.
WRITING: ContextVar[bool] = ContextVar("WRITING", default=False)
#: When a model is asked: while something is written, by a scheduled rule, or for a reader who waits.
PURPOSES = ("write", "idle", "read")


@dataclass(frozen=True, slots=True)
class Asked:
    """One question to a model: for what it was, what it cost, and its answer; none when it failed.

    An answer that is copied from another store has no purpose: what it cost is copied with the accounts.
    """

    bank: str
    at: datetime
    purpose: str
    task: str
    usage: Usage
    key: bytes = b""
    answer: Mapping[str, Any] | None = None
    failures: int = 0

    @property
    def day(self) -> str:
        """The day on which it counts."""
        return f"{self.at:%Y-%m-%d}"

    def before(self, erased: int) -> bool:
        """Whether it was asked before an erasure, in microseconds, and so may tell of what is gone; no copy does."""
        return bool(self.purpose) and to_micros(self.at) < erased


@dataclass(frozen=True, slots=True)
class Spent:
    """What asking has cost a bank on one day, by purpose and task."""

    day: str
    purpose: str
    task: str
    usage: Usage
    failures: int = 0
