"""The port to language models: named tasks in, answers and what they cost out (law 8)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from mnemic.core.task import Task
from mnemic.core.usage import Usage

__all__ = ["LanguageModel", "Reply", "Usage"]


_ONE_CALL = Usage(calls=1)


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer to a task, not yet checked against its shape, and what it cost."""

    answer: Mapping[str, Any]
    usage: Usage = _ONE_CALL


class LanguageModel(Protocol):
    """Answers tasks. Raises ModelFailure when it cannot; what it answers is checked by who asks."""

    @property
    def name(self) -> str:
        """What it is called in reports, caches and usage: an answer of another name is another answer."""
        ...

    def ask(self, task: Task, inputs: Mapping[str, Any]) -> Reply:
        """The answer to a task with inputs that were checked."""
        ...
