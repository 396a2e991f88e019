"""What is kept of asking models: answers and costs, by bank; older stores are brought up to date."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from mnemic.core.usage import Usage
from mnemic.memory import Memory, open_store
from mnemic.store.asked import WRITING, Asked
from mnemic.store.protocol import Store
from mnemic.store.sqlite.schema import HEAD

NOW = datetime(2026, 6, 2, 12, tzinfo=UTC)


def asked(bank: str, key: bytes = b"k", purpose: str = "write", answer: object = None) -> Asked:
    return Asked(bank, NOW, purpose, "fold", Usage(1, 0, 10, 5), key, {"text": "x"} if answer is None else answer)  # type: ignore[arg-type]


@pytest.fixture(params=["agent.db", "banks/"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Store:
    store = open_store(f"{tmp_path}/{request.param}")
    for name in ("anna", "ben"):
        store.create_bank(name, "", NOW)
    return store


def test_an_answer_is_found_in_its_own_bank_alone(store: Store) -> None:
    store.put_asked(asked("anna"))
    assert store.answer("anna", b"k") == {"text": "x"}
    assert store.answer("ben", b"k") is None
    assert store.answer("anna", b"other") is None


def test_costs_add_up_by_day_purpose_and_task(store: Store) -> None:
    for purpose in ("write", "write", "read"):
        store.put_asked(asked("anna", purpose=purpose))
    store.flush()
    spent = {(row.purpose, row.task): row.usage for row in store.spent("anna", "2026-06-02")}
    assert spent == {("write", "fold"): Usage(2, 0, 20, 10), ("read", "fold"): Usage(1, 0, 10, 5)}
    assert store.spent("anna", "2026-06-03") == []
    assert store.spent("ben") == []


def test_what_a_reader_asked_counts_before_it_is_written(store: Store) -> None:
    store.put_asked(asked("anna", purpose="read"))
    assert store.answer("anna", b"k") == {"text": "x"}
    assert sum(row.usage.tokens for row in store.spent("anna", "2026-06-02")) == 15


def test_nothing_is_left_of_a_bank_that_is_dropped(store: Store) -> None:
    store.put_asked(asked("anna"), at_once=True)
    store.put_asked(asked("ben"), at_once=True)
    store.drop_bank("anna")
    store.create_bank("anna", "", NOW)
    assert store.answer("anna", b"k") is None
    assert store.spent("anna") == []
    assert store.answer("ben", b"k") == {"text": "x"}


def test_a_write_is_known_as_one(tmp_path: Path) -> None:
    store = open_store(tmp_path / "agent.db")
    store.create_bank("anna", "", NOW)
    assert not WRITING.get()
    with store.transaction("anna"):
        assert WRITING.get()
    assert not WRITING.get()
    store.close()


def test_a_store_of_the_first_schema_is_brought_up_to_date(opened: Callable[..., Memory], tmp_path: Path) -> None:
    path = tmp_path / "agent.db"
    with opened(path) as memory:
        memory.bank("anna").retain("We moved to Lisbon.")
    with sqlite3.connect(path) as connection:
        connection.execute("DROP TABLE answers")
        connection.execute("DROP TABLE usage")
        for table in ("notes", "audit", "jobs"):
            connection.execute(f"DROP TABLE {table}")
        connection.execute("DROP INDEX events_kept_back")
        connection.execute("ALTER TABLE banks DROP COLUMN sealed")
        connection.execute("UPDATE alembic_version SET version_num = '0001'")
    connection.close()
    with opened(path) as memory:
        assert "Lisbon" in memory.bank("anna").recall("Where do we live?").text
        memory.engine.store.put_asked(asked("anna"))
        assert memory.engine.store.answer("anna", b"k") == {"text": "x"}
        assert memory.check() == []
    with sqlite3.connect(path) as connection:
        assert connection.execute("SELECT version_num FROM alembic_version").fetchone() == (HEAD,)
