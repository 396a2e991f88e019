"""A memory for tests: every event is a record, found by the number of words it shares with the question."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from mnemic.bench.facade import Found
from mnemic.bench.runner import Progress, Runner
from mnemic.bench.suite import Suite, load_suite
from mnemic.core.chance import Clock
from mnemic.core.errors import BadInput
from mnemic.core.evidence import Event
from mnemic.core.reading import Block, Citation, Context, Cost, Hit
from mnemic.core.record import Record
from mnemic.core.task import task_named
from mnemic.models.language.port import LanguageModel

SUITES = Path(__file__).parent / "suites"


def count_words(text: str) -> int:
    """A token counter: one token a word."""
    return len(text.split())


def words(text: str) -> set[str]:
    """Lower-case words."""
    return set(re.findall(r"\w+", text.lower()))


@dataclass(frozen=True)
class FakeRecipe:
    """A recipe with a name and a text; ``newest`` ranks by time instead of by words."""

    name: str = "words"
    newest: bool = False
    overflow: int = 0
    asks_at: tuple[str, ...] = ()

    @property
    def profiles(self) -> dict[str, None]:
        return {"fast": None}

    def to_toml(self) -> str:
        return repr(self)

    def read(self, profile: str | None = None) -> None:
        if profile not in (None, "fast"):
            raise BadInput(f"profile: recipe {self.name!r} has no profile {profile!r}")

    def needs(self, profile: str | None = None) -> tuple[str, ...]:
        return ("language-model",) if self.asks_at else ()

    def asks(self, profile: str | None = None) -> tuple[str, ...]:
        return ()


class FakeBank:
    """Keeps events in a JSON file."""

    def __init__(self, path: Path, recipe: FakeRecipe, world: World) -> None:
        self._path, self._recipe, self._world = path, recipe, world
        self._events = [Event.from_json(row) for row in json.loads(path.read_text())] if path.exists() else []

    def retain(self, messages: Sequence[Event], *, close: bool = False) -> None:
        self._world.calls.append(("retain and close" if close else "retain", len(messages)))
        self._world.tick(0.010 * len(messages))
        self._world.ask("write", self._recipe)
        self._events += messages
        self._path.write_text(json.dumps([event.to_json() for event in self._events]))

    def consolidate(self) -> None:
        self._world.tick(0.5)
        self._world.ask("idle", self._recipe)

    def recall_many(
        self,
        question: str,
        *,
        tokens: Sequence[int],
        k: int = 20,
        profile: str | None = None,
        asked_at: datetime | None = None,
    ) -> tuple[Sequence[Found], Sequence[Context]]:
        if self._world.patience == 0:
            raise KeyboardInterrupt
        self._world.patience -= 1
        self._world.calls.append(("read", 0))
        self._world.ask("read", self._recipe)
        hits = sorted(self._events, key=lambda event: self._rank(event, question))[:k]
        found = [
            Found(
                Record(id=f"r-{e.id}", kind="episodic", value=e.text, sources=(e.span(),)),
                Hit(e.id, 1.0, "words"),
            )
            for e in hits
        ]
        return found, [self._context(hits, budget) for budget in tokens]

    def _rank(self, event: Event, text: str) -> tuple[float, str]:
        if self._recipe.newest:
            return -event.occurred_at.timestamp(), event.id
        return -float(len(words(event.text) & words(text))), event.id

    def _context(self, events: Sequence[Event], budget: int) -> Context:
        # One context token stands for a hundred, so that the budgets of the benchmark cut these short texts.
        kept, size = [], 0
        for event in events:
            if (size := size + 100 * count_words(event.text)) > budget:
                break
            kept.append(event)
        lines = tuple(
            Citation(i, f"r-{e.id}", (e.id,), e.occurred_at, e.speaker, Hit(e.id, 1.0, "words"))
            for i, e in enumerate(kept, 1)
        )
        text = " ".join(e.text for e in kept) + " more" * self._recipe.overflow
        return Context((Block("memory", text),), lines, Cost(count_words(text), calls=1, ms=budget / 750))


@dataclass
class FakeMemory:
    """A store of one bank."""

    path: Path
    world: World

    def bank(self, name: str, *, recipe: Any = None) -> FakeBank:
        return FakeBank(self.path, recipe, self.world)

    def close(self) -> None:
        self.world.calls.append(("close memory", 0))


@dataclass
class World:
    """What tests see and steer: calls made, a clock that only work moves, reads until the user interrupts."""

    calls: list[tuple[str, int]] = field(default_factory=list)
    seconds: float = 0.0
    patience: int = -1
    model: LanguageModel | None = None

    def tick(self, seconds: float) -> None:
        self.seconds += seconds

    def open(self, path: Path, *, clock: Clock, seed: int, language_model: LanguageModel | None = None) -> FakeMemory:
        self.model = language_model
        return FakeMemory(path, self)

    def ask(self, when: str, recipe: FakeRecipe) -> None:
        """What a stage would ask of a language model at some moment."""
        if self.model is not None and when in recipe.asks_at:
            self.model.ask(task_named("need_memory"), {"question": "Thanks!"})

    def made(self, kind: str) -> int:
        return sum(1 for name, _ in self.calls if name == kind)


@pytest.fixture
def diary() -> Suite:
    """The suite written for these tests."""
    return load_suite(SUITES / "diary")


@pytest.fixture
def world() -> World:
    """A fresh world."""
    return World()


@pytest.fixture
def runner(diary: Suite, world: World, tmp_path: Path) -> Callable[..., Runner]:
    """Makes runners that share an out folder."""

    def make(suite: Suite = diary, version: str = "1", on_progress: Progress | None = None) -> Runner:
        return Runner(
            suite=suite,
            out=tmp_path,
            open_memory=world.open,
            count=count_words,
            version=version,
            on_progress=on_progress,
            timer=lambda: world.seconds,
        )

    return make
