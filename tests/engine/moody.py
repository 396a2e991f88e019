"""A model with moods, at a price, and memories that use it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import mnemic
from mnemic.config import Settings
from mnemic.core.chance import ManualClock
from mnemic.core.errors import Malformed, ModelFailure
from mnemic.core.task import Task
from mnemic.core.usage import Usage
from mnemic.memory import Memory
from mnemic.models.language.port import Reply
from mnemic.models.language.rules import RuleModel

RECIPE = "mem0"
NOON = "2026-06-02T12:00:00"


@dataclass
class Moody:
    """Answers by rule, at a price, unless ``mood`` raises."""

    mood: Callable[[Task, Mapping[str, Any]], None] = lambda task, inputs: None
    name: str = "moody"
    calls: list[str] = field(default_factory=list)

    def ask(self, task: Task, inputs: Mapping[str, Any]) -> Reply:
        self.calls.append(task.name)
        self.mood(task, inputs)
        return Reply(RuleModel().ask(task, inputs).answer, Usage(1, 0, 200, 50))


def down(task: Task, inputs: Mapping[str, Any]) -> None:
    raise ModelFailure("it is down", usage=Usage(calls=3))


def nonsense(task: Task, inputs: Mapping[str, Any]) -> None:
    raise Malformed("no JSON", usage=Usage(2, 0, 400, 20))


@contextmanager
def memory_with(path: Path, model: Moody, clock: ManualClock, **settings: Any) -> Iterator[Memory]:
    given = Settings(embedder="hashing", reranker="overlap", **settings)
    with mnemic.open(path, language_model=model, clock=clock, seed=1, settings=given) as memory:
        yield memory


def said(text: str, number: int = 0) -> dict[str, Any]:
    return {"role": "user", "actor": "Anna", "content": text, "id": f"e{number}"}


def fingerprint(memory: Memory, bank: str) -> str:
    """The hash of all that a bank holds."""
    with memory.engine.store.snapshot(bank) as snapshot:
        return snapshot.fingerprint()
