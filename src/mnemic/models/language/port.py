"""The port to language models: named tasks in, answers and what they cost out (law 8)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from mnemic.core.task import Task


@dataclass(frozen=True, slots=True)
class Usage:
    """What asking cost: calls that were sent, answers that were known already, tokens in and out.

    >>> Usage(calls=1, tokens_in=20) + Usage(calls=1, tokens_out=5)
    Usage(calls=2, cached=0, tokens_in=20, tokens_out=5)
    """

    calls: int = 0
    cached: int = 0
    tokens_in: int = 0
    tokens_out: int = 0

    def __add__(self, other: Usage) -> Usage:
        return Usage(
            self.calls + other.calls,
            self.cached + other.cached,
            self.tokens_in + other.tokens_in,
            self.tokens_out + other.tokens_out,
        )

    @property
    def tokens(self) -> int:
        """Tokens in and out together."""
        return self.tokens_in + self.tokens_out


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer to a task, not yet checked against its shape, and what it cost."""

    answer: Mapping[str, Any]
    usage: Usage = Usage(calls=1)


class LanguageModel(Protocol):
    """Answers tasks. Raises ModelFailure when it cannot; what it answers is checked by who asks."""

    @property
    def name(self) -> str:
        """What it is called in reports, caches and usage: an answer of another name is another answer."""
        ...

    def ask(self, task: Task, inputs: Mapping[str, Any]) -> Reply:
        """The answer to a task with inputs that were checked."""
        ...
