"""Sealed banks on PostgreSQL: nothing of them in the server's files, its write-ahead log, or what it logs."""

from __future__ import annotations

import random
import threading
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from mnemic.core.errors import StoreError
from mnemic.memory import Memory
from mnemic.store.notes import Note
from mnemic.store.postgres import schema
from tests.engine.histories import step
from tests.servers import Server

from .sealed_banks import fingerprint, found, live, opened
from .test_sealed import _candidates, seen


@pytest.fixture(params=["server18", "server15"])
def server(request: pytest.FixtureRequest) -> Server:
    """A server with pgvector, and one without."""
    made: Server = request.getfixturevalue(request.param)
    return made


def _asked(dsn: str, statement: str) -> str:
    with psycopg.connect(dsn, autocommit=True) as connection:
        cursor = connection.execute(statement.encode())
        return str(cursor.fetchone()[0]) if cursor.description else ""  # type: ignore[index]


def _tables(server: Server, dsn: str) -> Iterator[Path]:
    """The files of a database."""
    _asked(dsn, "CHECKPOINT")
    number = _asked(dsn, "SELECT oid FROM pg_database WHERE datname = current_database()")
    yield from (file for file in (server.data / "base" / number).iterdir() if file.is_file())


def _files(server: Server, dsn: str) -> Iterator[Path]:
    """The files of a database, the write-ahead log, and what the server has logged."""
    yield from _tables(server, dsn)
    yield from (file for file in (server.data / "pg_wal").iterdir() if file.is_file())
    yield server.folder / "log"


def _logging(dsn: str) -> None:
    # The most that a server's owner may log: every statement with its values.
    _asked(dsn, f"ALTER DATABASE {dsn.rpartition('/')[2]} SET log_statement = 'all'")


def test_nothing_of_it_lies_in_the_servers_files(server: Server) -> None:
    word, other = "Plimsoulx", "Thrumbixy"
    dsn = server.fresh()
    _logging(dsn)
    with opened(dsn) as memory:
        bank = memory.bank("b", sealed=True)
        live(bank, word)
        memory.switch("b", "bm25")
        memory.switch("b", "default")
        memory.branch("b", "copy")
        assert bank.erase(session="other").clean
        memory.flush()
        assert found(_files(server, dsn), word) == set()
        assert word in bank.recall(f"Where does the {word} nest?").text
        assert memory.check() == []
        live(memory.bank("open"), other)
        memory.flush()
        assert found(_files(server, dsn), other) >= {"as it is", "folded", "hash in hex"}
    with opened(dsn, keys=None) as locked:
        with pytest.raises(StoreError, match="MNEMIC_VAULT_KEY_FILE"):
            locked.bank("b").recall("Where?")
        assert other in locked.bank("open").recall(f"Where does the {other} nest?").text


def test_a_bank_that_is_there_is_sealed_and_opened_again(server: Server) -> None:
    word, dsn = "Vexillumq", server.fresh()
    with opened(dsn) as memory:
        bank = memory.bank("b")
        live(bank, word)
        before, receipts = fingerprint(bank), [receipt.to_json() for receipt in bank.receipts()]
        assert found(_tables(server, dsn), word)
        memory.seal("b")
        assert found(_tables(server, dsn), word) == set()
        memory.seal("b", renew=True)
        assert fingerprint(bank) == before
        assert [receipt.to_json() for receipt in bank.receipts()] == receipts
        assert memory.engine.store.rewrap("b")
        assert memory.check() == []
        memory.unseal("b")
        assert fingerprint(bank) == before
        assert memory.check() == []


def test_it_is_the_bank_that_it_would_be_in_clear(server: Server) -> None:
    with opened(server.fresh()) as left, opened(server.fresh()) as right:
        clear, sealed = left.bank("b"), right.bank("b", sealed=True)
        for seed in range(16):
            step(clear, random.Random(seed))
            step(sealed, random.Random(seed))
        assert seen(clear) == seen(sealed)
        assert seen(clear, 9) == seen(sealed, 9)
        for question in ("anna likes tea in lisbon", "where does the cat play"):
            assert clear.recall(question).text == sealed.recall(question).text
        assert _proposed(left) == _proposed(right) != []
        clear.erase(session="s1")
        assert sealed.erase(session="s1").clean
        assert seen(clear) == seen(sealed)
        assert left.check() == right.check() == []
        receipt = right.erase_bank("b")
        assert receipt.clean
        assert "key" in receipt.how


def test_what_is_written_while_it_is_sealed_is_sealed_too(server: Server) -> None:
    dsn = server.fresh()
    with opened(dsn) as memory, opened(dsn) as other:
        memory.bank("b").retain("The first word.", session="s")
        ended, failures = threading.Event(), []

        def write() -> None:
            bank, store, n = other.bank("b"), other.engine.store, 0
            while not ended.is_set():
                n += 1
                try:
                    bank.retain(f"turn {n} about tea", session="s")
                    bank.recall("tea")
                    store.put_note(Note(bank="b", kind="mine", id=f"n{n}", at=bank.engine.clock.now(), body={"n": n}))
                    assert store.note("b", "mine", f"n{n}") is not None
                    store.flush()
                except Exception as error:
                    failures.append(repr(error))
                    return

        writer = threading.Thread(target=write)
        writer.start()
        for _ in range(2):
            memory.seal("b")
            memory.unseal("b")
        memory.seal("b")
        ended.set()
        writer.join()
        assert failures == []
        other.flush()
        store = memory.engine.store
        assert len(store.notes("b", "mine")) > 3
        assert len(store.receipts("b", 1_000)) > 3
        lying = "SELECT COUNT(*) FROM {} WHERE left(body, 1) = chr(123)"
        assert [_asked(dsn, lying.format(f"mnemic.{table}")) for table in ("notes", "receipts", "log")] == ["0"] * 3
        assert memory.check() == []


def _proposed(memory: Memory) -> list[int]:
    with memory.engine.store.snapshot("b") as snapshot:
        return _candidates(snapshot)


def test_a_schema_from_before_takes_sealed_banks(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    dsn = server.fresh()
    with monkeypatch.context() as former:
        former.setattr(schema, "STEPS", schema.STEPS[:1])
        with opened(dsn) as memory:
            live(memory.bank("open"), "Brindle")
            before = fingerprint(memory.bank("open"))
    with opened(dsn) as memory:
        assert fingerprint(memory.bank("open")) == before
        live(memory.bank("b", sealed=True), "Quaxwell")
        memory.seal("open")
        assert fingerprint(memory.bank("open")) == before
        assert memory.check() == []


def test_it_is_copied_between_engines_sealed(server: Server, tmp_path: Path) -> None:
    word = "Quillonax"
    with opened(tmp_path / "agent.db") as memory, opened(server.fresh()) as target:
        live(memory.bank("b", sealed=True), word)
        memory.migrate_to(target)
        copy = target.bank("b", sealed=True)
        assert fingerprint(copy) == fingerprint(memory.bank("b"))
        assert seen(copy) == seen(memory.bank("b"))
