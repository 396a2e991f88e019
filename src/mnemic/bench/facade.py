"""What the runner asks of a memory: the façade's verbs as protocols, so that a stand-in can be measured."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any, NamedTuple, Protocol

from mnemic.core.chance import Clock
from mnemic.core.evidence import Event
from mnemic.core.reading import Context, Hit
from mnemic.core.record import Record
from mnemic.models.language.port import LanguageModel


class Found(NamedTuple):
    """A record that a search gave back, with the hit that says why."""

    record: Record
    hit: Hit


class FoundLike(Protocol):
    """Anything that pairs a record with its hit."""

    @property
    def record(self) -> Record:
        """The record found."""
        ...

    @property
    def hit(self) -> Hit:
        """Its score and path."""
        ...


class Bank(Protocol):
    """A bank as far as a benchmark uses it."""

    def retain(self, messages: Sequence[Event], *, close: bool = False) -> Any:
        """Take events in; ``close`` says that their sessions are over, so that nothing waits to be formed."""
        ...

    def consolidate(self) -> Any:
        """Run what is due."""
        ...

    def recall_many(
        self,
        question: str,
        *,
        tokens: Sequence[int],
        k: int = 20,
        profile: str | None = None,
        asked_at: datetime | None = None,
    ) -> tuple[Sequence[FoundLike], Sequence[Context]]:
        """Search once; give the ``k`` best records, and one context for each size."""
        ...


class Memory(Protocol):
    """An open store."""

    def bank(self, name: str, *, recipe: Any = None) -> Bank:
        """The bank of that name, made with the recipe when it is new."""
        ...

    def close(self) -> None:
        """Write everything out and close."""
        ...


class RecipeLike(Protocol):
    """What a recipe must tell of itself: its name, and a text that changes when it does."""

    @property
    def name(self) -> str:
        """How it is called."""
        ...

    @property
    def profiles(self) -> Mapping[str, Any]:
        """Other retrieval chains over the same memory."""
        ...

    def to_toml(self) -> str:
        """Its whole content."""
        ...

    def read(self, profile: str | None = None) -> Any:
        """The retrieval chain of a profile; raises BadInput when there is none of that name."""
        ...

    def needs(self, profile: str | None = None) -> tuple[str, ...]:
        """The models it cannot work without."""
        ...


class Opener(Protocol):
    """Opens a store file, as ``mnemic.open`` does."""

    def __call__(self, path: Path, *, clock: Clock, seed: int, language_model: LanguageModel | None) -> Memory:
        """A memory in ``path``, made when it is new."""
        ...
