"""Memories on both layouts of the embedded store: one file, and one file a bank."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings

import mnemic
from mnemic.core.chance import ManualClock
from mnemic.memory import Memory
from tests.servers import postgres15, postgres18, server15, server18

__all__ = ["postgres15", "postgres18", "server15", "server18"]

# No test asserts a time, and the same examples on every machine make a failure repeatable.
settings.register_profile("mnemic", deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("mnemic")


@pytest.fixture(params=["one-file", "file-a-bank"])
def where(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The path of a store that is not there yet, in each layout."""
    return str(tmp_path / "agent.db") if request.param == "one-file" else str(tmp_path / "banks") + "/"


@pytest.fixture
def opened() -> Iterator[Callable[..., Memory]]:
    """Opens memories with stand-ins for models, a clock that steps, and a seed; closes them all."""
    memories: list[Memory] = []

    def open_at(path: str | Path, **options: Any) -> Memory:
        clock = ManualClock(datetime(2026, 1, 1, tzinfo=UTC), step=timedelta(seconds=1))
        given: dict[str, Any] = {"embedder": "hashing", "reranker": "overlap", "clock": clock, "seed": len(memories)}
        memory = mnemic.open(path, **(given | options))
        memories.append(memory)
        return memory

    yield open_at
    for memory in memories:
        memory.close()


@pytest.fixture
def memory(where: str, opened: Callable[..., Memory]) -> Memory:
    """A memory on each layout."""
    return opened(where)
