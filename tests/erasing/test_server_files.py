"""Erasure on PostgreSQL, down to the bytes of the server's data folder, which this test reads by itself."""

from __future__ import annotations

import re
from pathlib import Path

import psycopg
import pytest

from tests.erasing.test_erase import filled, opened
from tests.servers import Server

WORDS = (b"uaxwell", b"cobalt heron", b"famous booksho")


def holding(server: Server, dsn: str) -> set[str]:
    """The files of a server's data folder, without those of other databases, that hold words of what Anna said."""
    with psycopg.connect(dsn, autocommit=True) as connection:
        connection.execute("CHECKPOINT")
        row = connection.execute("SELECT oid::text FROM pg_database WHERE datname = current_database()").fetchone()
    assert row is not None
    others = {folder for folder in (server.data / "base").iterdir() if folder.name != row[0]}
    files = [file for file in server.data.rglob("*") if file.is_file() and others.isdisjoint(file.parents)]
    return {str(file.relative_to(server.data)) for file in files if _holds(file)}


def _holds(file: Path) -> bool:
    try:
        raw = file.read_bytes()
    except FileNotFoundError:
        return False
    return any(word in raw for word in WORDS)


@pytest.mark.parametrize("name", ["server18", "server15"])
def test_no_file_of_the_server_holds_it(name: str, request: pytest.FixtureRequest) -> None:
    server: Server = request.getfixturevalue(name)
    dsn = server.fresh()
    with opened(dsn) as memory:
        bank = filled(memory)
        bank.recall("Where did the cobalt heron nest?")
        held = holding(server, dsn)
        assert any(re.match("base/", file) for file in held)
        assert any(re.match("pg_wal/", file) for file in held)
        receipt = bank.erase(person="Anna")
        assert receipt.clean, receipt.verification
        assert "the write-ahead log" in receipt.verification["places"]
        assert holding(server, dsn) == set()
        assert memory.check() == []


@pytest.mark.parametrize("name", ["server18", "server15"])
def test_a_role_that_may_not_look_says_so(name: str, request: pytest.FixtureRequest) -> None:
    server: Server = request.getfixturevalue(name)
    dsn = server.fresh()
    role = f"tenant_{name}"
    with psycopg.connect(dsn, autocommit=True) as connection:
        connection.execute(f"DROP ROLE IF EXISTS {role}".encode())
        connection.execute(f"CREATE ROLE {role} LOGIN".encode())
        connection.execute(f"GRANT CREATE ON DATABASE {connection.info.dbname} TO {role}".encode())
    with opened(dsn.replace("//mnemic@", f"//{role}@")) as memory:
        bank = filled(memory)
        receipt = bank.erase(person="Anna")
        told = receipt.verification
        assert receipt.clean, told
        assert bank.erasure_holds(receipt)
        assert any("may not read" in place for place in told["unsearched"])
        assert any("left to the server" in step for step in told["steps"])
        # Tables are its own: nothing is left in them, and what it said itself of the rest is true.
        left = {file for file in holding(server, dsn) if file.startswith("base/")}
        assert left == set()


@pytest.mark.parametrize("name", ["server18", "server15"])
def test_a_role_without_power_can_be_granted_what_it_needs(name: str, request: pytest.FixtureRequest) -> None:
    server: Server = request.getfixturevalue(name)
    dsn = server.fresh()
    role = f"eraser_{name}"
    page = (Path(__file__).parents[2] / "docs/postgresql.md").read_text("utf-8")
    (granted,) = re.findall(r"```sql\n(ALTER DATABASE.*?)```", page, re.S)
    with psycopg.connect(dsn, autocommit=True) as connection:
        connection.execute(f"CREATE ROLE {role} LOGIN".encode())
        granted = granted.replace("DATABASE mnemic", f"DATABASE {connection.info.dbname}")
        for statement in re.sub(r"TO mnemic\b", f"TO {role}", granted).strip().split(";")[:-1]:
            connection.execute(statement.encode())
    with opened(dsn.replace("//mnemic@", f"//{role}@")) as memory:
        bank = filled(memory)
        assert holding(server, dsn)
        receipt = bank.erase(person="Anna")
        assert receipt.clean, receipt.verification
        assert "the write-ahead log" in receipt.verification["places"]
        assert holding(server, dsn) == set()


def test_a_table_that_is_held_is_told_and_finished_later(server18: Server) -> None:
    dsn = server18.fresh()
    with opened(dsn) as memory:
        bank = filled(memory)
        with memory.engine.store.snapshot("friends") as held:
            assert held.counters()["events"] == 5
            receipt = bank.erase(["a1"])
            assert (receipt.state, receipt.clean) == ("rows", False)
            assert any("held by another" in wait for wait in receipt.verification["waits"])
        (finished,) = bank.finish_erasures()
        assert finished.state == "done"
        left = holding(server18, dsn)
        assert not any("Quaxwell" in (server18.data / file).read_text("latin1") for file in left)
