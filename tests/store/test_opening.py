"""What may be opened as a store, and what is refused untouched."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest

from mnemic.core.errors import BadInput, MnemicError, StoreError
from mnemic.memory import Memory
from mnemic.store.sqlite import schema
from mnemic.store.sqlite.schema import HEAD
from mnemic.store.sqlite.store import SqliteStore


def foreign(path: Path) -> None:
    """An SQLite file of another program."""
    with sqlite3.connect(path) as connection:
        connection.execute("CREATE TABLE recipes (name TEXT)")
        connection.execute("INSERT INTO recipes VALUES ('soup')")
    connection.close()


def newer(path: Path) -> None:
    """A store of a schema that this version does not know."""
    SqliteStore(path).close()
    with sqlite3.connect(path) as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    connection.close()


def damaged(path: Path) -> None:
    """A store whose first page was overwritten behind its magic words."""
    SqliteStore(path).close()
    data = bytearray(path.read_bytes())
    data[100:4000] = os.urandom(3900)
    path.write_bytes(data)


MADE: dict[str, Callable[[Path], object]] = {
    "another program's": foreign,
    "no database": lambda path: path.write_bytes(b"just some words, quite a lot of them " * 50),
    "a few bytes": lambda path: path.write_bytes(b"hello"),
    "newer": newer,
    "damaged": damaged,
    "a JPEG": lambda path: path.write_bytes(b"\xff\xd8\xff\xe0" + bytes(5000)),
}


@pytest.mark.parametrize("kind", MADE)
@pytest.mark.parametrize("suffix", ["", "/"])
def test_what_is_no_store_is_refused_untouched(
    kind: str, suffix: str, opened: Callable[..., Memory], tmp_path: Path
) -> None:
    file = tmp_path / "agent.db" if not suffix else tmp_path / "banks" / "anna.db"
    file.parent.mkdir(exist_ok=True)
    MADE[kind](file)
    before = file.read_bytes()
    with pytest.raises(StoreError) as caught:
        opened(str(file) if not suffix else str(file.parent) + "/").bank("anna")
    assert str(file) in str(caught.value)
    assert "\n" not in str(caught.value)
    assert file.read_bytes() == before


def test_a_folder_that_is_a_file_and_a_parent_that_is_one(opened: Callable[..., Memory], tmp_path: Path) -> None:
    (tmp_path / "plain").write_text("words")
    for path in (f"{tmp_path}/plain/agent.db", f"{tmp_path}/plain/", f"{tmp_path}/plain/below/"):
        with pytest.raises(StoreError):
            opened(path).bank("anna")
    assert (tmp_path / "plain").read_text() == "words"
    with pytest.raises(StoreError, match="folder"):
        SqliteStore(tmp_path)
    with pytest.raises(StoreError, match="mysql"):
        opened("mysql://host")
    with pytest.raises(BadInput, match="path"):
        opened("  ")


@pytest.mark.skipif(os.geteuid() == 0, reason="the superuser may write to every file")
def test_a_file_that_may_not_be_written(opened: Callable[..., Memory], tmp_path: Path) -> None:
    path = tmp_path / "agent.db"
    opened(path).close()
    path.chmod(0o400)
    before = path.read_bytes()
    with pytest.raises(StoreError):
        opened(path).bank("anna")
    assert path.read_bytes() == before


def test_a_read_only_connection_cannot_be_written(
    opened: Callable[..., Memory], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "agent.db"
    opened(path).bank("anna").retain("tea")
    real = schema.connect
    monkeypatch.setattr("mnemic.store.sqlite.store.connect", lambda path: real(path, read_only=True))
    memory = opened(path)
    bank = memory.bank("anna")
    assert "tea" in bank.recall("tea").text
    with pytest.raises(StoreError, match="readonly"):
        bank.retain("coffee")
    with pytest.raises(StoreError, match="readonly"):
        memory.flush()
    monkeypatch.undo()
    memory.engine.store._idle.clear()  # type: ignore[attr-defined]


def test_an_interrupted_making_is_taken_up_again(opened: Callable[..., Memory], tmp_path: Path) -> None:
    empty, started = tmp_path / "empty.db", tmp_path / "started.db"
    empty.touch()
    connection = sqlite3.connect(started)
    connection.execute("PRAGMA journal_mode = WAL")
    connection.close()
    for path in (empty, started):
        memory = opened(path)
        memory.bank("anna").retain("tea")
        assert memory.check() == []


def test_the_schema_grows_from_nothing_to_its_head(opened: Callable[..., Memory], tmp_path: Path) -> None:
    opened(tmp_path / "agent.db").close()
    connection = sqlite3.connect(tmp_path / "agent.db")
    assert connection.execute("SELECT version_num FROM alembic_version").fetchone() == (HEAD,)
    assert connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)
    connection.close()
    assert (tmp_path / "agent.db").stat().st_mode & 0o777 == 0o600


def test_erased_bytes_are_overwritten_and_no_code_is_loaded(opened: Callable[..., Memory], tmp_path: Path) -> None:
    memory = opened(tmp_path / "agent.db")
    with memory.engine.store.connection() as connection:  # type: ignore[attr-defined]
        assert connection.execute("PRAGMA secure_delete").fetchone() == (1,)
        assert connection.execute("PRAGMA synchronous").fetchone() == (2,)
        with pytest.raises((sqlite3.Error, AttributeError)):
            connection.load_extension("anything")


def test_checks_find_what_does_not_fit(opened: Callable[..., Memory], tmp_path: Path) -> None:
    wounds = {
        "content": "DELETE FROM bodies",
        "vector": "DELETE FROM vectors",
        "sketch": "DELETE FROM sketches",
        "log": "DELETE FROM log WHERE kind = 'NOOP'",
        "unit": "DELETE FROM units",
        "frequencies": "UPDATE length_stats SET docs = docs + 1",
        "term": "UPDATE term_stats SET df = df + 1",
        "full text": "DELETE FROM fts WHERE rowid IN (SELECT rowid FROM fts LIMIT 1)",
    }
    for number, (word, wound) in enumerate(wounds.items()):
        path = tmp_path / f"{number}.db"
        memory = opened(path)
        memory.bank("anna").retain(["I like tea", "I like coffee"])
        assert memory.check() == []
        connection = sqlite3.connect(path)
        connection.execute(wound)
        connection.commit()
        connection.close()
        assert memory.check(), word


def test_a_closed_memory_says_so(memory: Memory) -> None:
    bank = memory.bank("anna")
    bank.retain("tea")
    memory.close()
    memory.close()
    for use in (lambda: bank.retain("coffee"), lambda: bank.recall("tea"), memory.banks, memory.check):
        with pytest.raises(MnemicError, match="closed"):
            use()
