"""A view over a list of events, enough for formation."""

from __future__ import annotations

import hashlib
import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, cast

import numpy as np

from mnemic.core.analysis import terms
from mnemic.core.evidence import Event, Part
from mnemic.core.view import View

START = datetime(2023, 5, 25, 10, tzinfo=UTC)


def vector_of(word: str) -> np.ndarray[Any, np.dtype[np.float32]]:
    """A fixed direction for a word, the same in every process."""
    seed = int.from_bytes(hashlib.sha256(word.encode()).digest()[:4], "big")
    return np.random.default_rng(seed).normal(size=64).astype(np.float32)


@dataclass
class WordTools:
    """An embedder that knows texts as sums of their terms' directions."""

    rng: random.Random = field(default_factory=lambda: random.Random(7))

    def embed(self, texts: Sequence[str]) -> Any:
        rows = [sum((vector_of(w) for w in terms(t)), np.full(64, 1e-6, np.float32)) for t in texts]
        return np.array([row / np.linalg.norm(row) for row in rows])

    def embed_query(self, text: str) -> Any:
        return self.embed([text])[0]

    def threshold(self, quantile: float) -> float:
        # Random directions in 64 dimensions: cosines are close to normal with deviation 1/8.
        return float((quantile - 0.5) / 2)

    def rerank(self, query: str, passages: Sequence[str]) -> Any:
        raise NotImplementedError

    def count_tokens(self, text: str) -> int:
        return len(text.split())

    def ask(self, task: str, inputs: Mapping[str, Any]) -> Mapping[str, Any]:
        raise NotImplementedError


@dataclass
class EventList:
    """The part of a view that formation reads: a session's stored events."""

    stored: list[Event] = field(default_factory=list)
    tools: WordTools = field(default_factory=WordTools)
    now: datetime = START
    bank: str = "b"

    def session_events(self, session: str, *, before: int | None = None, last: int | None = None) -> list[Event]:
        found = [e for e in self.stored if e.session == session and (before is None or e.seq < before)]
        return found if last is None else found[max(0, len(found) - last) :]

    def as_view(self) -> View:
        return cast(View, self)


def turn(i: int, text: str, actor: str = "Anna", role: str = "user", image: str = "", session: str = "s1") -> Event:
    """Turn ``i`` of a session, a minute after the one before."""
    parts = (Part("text", text), Part("image", image)) if image else (Part("text", text),)
    at = START + timedelta(minutes=i)
    return Event(id=f"e{i}", session=session, role=role, actor=actor, parts=parts, occurred_at=at, seq=i)
