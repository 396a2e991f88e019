"""A conversation of LoCoMo in a bank whose model gives the facts and summaries that the data carry."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import pytest

import mnemic
from mnemic.bank import Bank
from mnemic.bench.suite import Conversation
from mnemic.core.chance import ManualClock
from mnemic.core.errors import ModelUnavailable
from mnemic.core.pipeline import Recipe
from mnemic.core.times import instant
from mnemic.models.language.given import GivenExtractions
from mnemic.models.registry import load_embedder

from .locomo_bank import retain_all


@contextmanager
def given_bank(
    path: Path, recipe: str | Recipe, conversation: Conversation, *, embedder: str = "wordllama"
) -> Iterator[Bank]:
    """The bank, filled; skips the test when the embedder's weights are not there."""
    try:
        load_embedder(embedder)
    except ModelUnavailable as error:
        pytest.skip(f"no embedder with weights: {error}")
    clock = ManualClock(instant("2026-06-01T09:00:00"), step=timedelta(seconds=1))
    model = GivenExtractions(conversation.events, conversation.extractions)
    memory = mnemic.open(path, embedder=embedder, reranker="overlap", language_model=model, clock=clock, seed=1)
    with memory:
        bank = memory.bank("b", recipe=recipe)
        retain_all(bank, conversation)
        yield bank
