"""Opens banks of a recipe over real files, with scripted models, a set clock and a seed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import mnemic
from mnemic.bank import Bank
from mnemic.core.chance import ManualClock
from mnemic.core.pipeline import Recipe
from mnemic.core.reading import Where
from mnemic.core.record import Record
from mnemic.core.times import instant
from mnemic.memory import Memory
from mnemic.models.language.rules import RuleModel
from mnemic.models.scripted_model import ScriptedModel


@contextmanager
def memory_at(path: Path, scripts: Mapping[str, Any], start: str = "2026-06-01T09:00:00") -> Iterator[Memory]:
    """A memory in a file whose model answers by script, else by rule; each reading of its clock is a second later."""
    clock = ManualClock(instant(start), step=timedelta(seconds=1))
    model = ScriptedModel(scripts, otherwise=RuleModel())
    memory = mnemic.open(path, embedder="hashing", reranker="overlap", language_model=model, clock=clock, seed=1)
    with memory:
        yield memory


@contextmanager
def bank_at(path: Path, recipe: str | Recipe, scripts: Mapping[str, Any]) -> Iterator[Bank]:
    """One bank of a recipe."""
    with memory_at(path, scripts) as memory:
        yield memory.bank("b", recipe=recipe)


def model_of(bank: Bank) -> ScriptedModel:
    """The scripted model behind a bank."""
    model = bank.engine.models.language_model
    assert isinstance(model, ScriptedModel)
    return model


def current(bank: Bank, **where: Any) -> list[Record]:
    """The bank's current records."""
    return list(bank.list(Where(**where), limit=10_000).records)


def fingerprint(bank: Bank) -> str:
    """The hash of all that the bank holds."""
    with bank.engine.store.snapshot(bank.name) as snapshot:
        return snapshot.fingerprint()


def log_of(bank: Bank, after: int = 0) -> list[Any]:
    """The ops of the log behind a seq."""
    with bank.engine.store.snapshot(bank.name) as snapshot:
        return [entry.op for entry in snapshot.log(after, None)]


def seq_of(bank: Bank) -> int:
    """The last seq of the log."""
    with bank.engine.store.snapshot(bank.name) as snapshot:
        return snapshot.seq
