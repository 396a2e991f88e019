"""Receipts are written behind: a read never waits for a writer, and what was read can be explained later."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from mnemic.core.errors import StoreError
from mnemic.core.pipeline import Chain
from mnemic.memory import Memory
from mnemic.recipes.default import RECIPE
from mnemic.retrieval.near_duplicates import NearDuplicates
from mnemic.store.sqlite import schema


def test_a_line_is_explained_after_the_store_was_closed(where: str, opened: Callable[..., Memory]) -> None:
    memory = opened(where)
    memory.bank("anna").retain(["I like tea", "It rains"])
    context = memory.bank("anna").recall("Who likes tea?", tokens=100)
    memory.close()
    bank = opened(where).bank("anna")
    receipt = bank.receipt(context.receipt)
    assert receipt.query == "Who likes tea?"
    assert receipt.seq == bank.stats()["ops"]
    assert [line["number"] for line in receipt.lines] == [c.number for c in context.citations]
    why = bank.why(context.receipt, context.citations[0].number)
    assert why["record"] == context.citations[0].record
    assert why["hit"]["parts"]


def test_receipts_are_found_before_they_are_flushed(memory: Memory) -> None:
    bank = memory.bank("anna")
    bank.retain("I like tea")
    contexts = [bank.recall(f"tea {i}") for i in range(5)]
    assert [receipt.query for receipt in bank.receipts()] == [f"tea {i}" for i in reversed(range(5))]
    assert bank.receipt(contexts[2].receipt).query == "tea 2"


def test_a_read_is_answered_while_another_process_writes(tmp_path: Path, opened: Callable[..., Memory]) -> None:
    path = tmp_path / "agent.db"
    memory = opened(path)
    # A threshold is calibrated when it is first asked for, which must not make a read a write.
    recipe = replace(
        RECIPE, retrieval=Chain.of(*RECIPE.retrieval.items[:-1], NearDuplicates(), RECIPE.retrieval.items[-1])
    )
    bank = memory.bank("anna", recipe=recipe)
    bank.retain(["I like tea", "It rains", "Tea it is"])
    writer = sqlite3.connect(path, isolation_level=None)
    writer.execute("BEGIN IMMEDIATE")
    answers: list[str] = []
    reader = threading.Thread(target=lambda: answers.append(bank.recall("tea").text))
    reader.start()
    # Less than the store waits for a lock, so that a read that waits for the writer is still at it.
    reader.join(timeout=schema.BUSY_MS / 1000 / 2)
    answered = list(answers)
    writer.execute("ROLLBACK")
    writer.close()
    reader.join()
    assert answered
    assert "tea" in answered[0]
    bank.retain("One more")
    assert bank.receipts(1)[0].query == "tea"


def test_receipts_wait_when_the_store_cannot_be_written(
    tmp_path: Path, opened: Callable[..., Memory], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(schema, "BUSY_MS", 10)
    path = tmp_path / "agent.db"
    memory = opened(path)
    bank = memory.bank("anna")
    bank.retain("I like tea")
    writer = sqlite3.connect(path, isolation_level=None)
    writer.execute("BEGIN IMMEDIATE")
    context = bank.recall("tea")
    with pytest.raises(StoreError, match="locked"):
        memory.flush()
    with pytest.raises(StoreError, match="locked"):
        bank.retain("I like coffee")
    writer.execute("ROLLBACK")
    writer.close()
    memory.flush()
    assert bank.receipt(context.receipt).query == "tea"
    assert bank.stats()["events"] == 1
