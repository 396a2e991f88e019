"""What only a server can do: be killed, restarted, refuse, be asked by many at once; and how its schema is made."""

from __future__ import annotations

import json
import os
import re
import signal
import threading
import time
from collections.abc import Callable
from pathlib import Path

import psycopg
import pytest

import mnemic
from mnemic.core.errors import BadInput, StoreError
from mnemic.memory import Memory
from mnemic.store.postgres.schema import SPLIT
from mnemic.store.postgres.store import PostgresStore
from tests.servers import Server, programs_of_18, programs_of_system, server


def test_every_key_is_led_by_the_bank(opened: Callable[..., Memory], postgres18: str) -> None:
    opened(postgres18)
    with psycopg.connect(postgres18) as connection:
        rows = connection.execute(
            "SELECT t.relname, i.relname, x.indisunique, array_agg(a.attname ORDER BY k.place) FROM pg_index x"
            " JOIN pg_class i ON i.oid = x.indexrelid JOIN pg_class t ON t.oid = x.indrelid"
            " JOIN pg_namespace n ON n.oid = t.relnamespace"
            " CROSS JOIN LATERAL unnest(x.indkey::int[]) WITH ORDINALITY AS k(number, place)"
            " JOIN pg_attribute a ON a.attrelid = t.oid AND a.attnum = k.number WHERE n.nspname = 'mnemic'"
            " GROUP BY 1, 2, 3"
        ).fetchall()
        foreign = connection.execute("SELECT COUNT(*) FROM pg_constraint WHERE contype = 'f'").fetchone()
        split = connection.execute(
            "SELECT c.relname, pg_get_partkeydef(c.oid) FROM pg_class c WHERE c.relkind = 'p'"
        ).fetchall()
    # The store's own small tables: the directory, embedders, and jobs, which may be of a bank in another store.
    small = {"banks", "spaces", "jobs"}
    for table, index, _, columns in rows:
        if table not in small and columns != ["grams"]:
            assert columns[0] == "bank", f"{index} on {table} begins with {columns[0]}"
    assert all("bank" in columns for table, _, unique, columns in rows if unique and table not in small)
    assert foreign == (0,)
    assert dict(split) == dict.fromkeys(SPLIT, "HASH (bank)")


def test_processes_that_open_a_new_database_at_once_make_one_schema(postgres15: str) -> None:
    failures: list[BaseException] = []

    def first(who: int) -> None:
        try:
            with mnemic.open(postgres15, embedder="hashing", reranker="overlap") as memory:
                memory.bank("anna").retain(f"hello {who}")
        except BaseException as error:
            failures.append(error)

    threads = [threading.Thread(target=first, args=(who,)) for who in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    with mnemic.open(postgres15, embedder="hashing", reranker="overlap") as memory:
        assert memory.bank("anna").stats()["events"] == 4


def test_schemas_of_one_database_know_nothing_of_each_other(opened: Callable[..., Memory], postgres18: str) -> None:
    one, other = opened(postgres18), opened(postgres18 + "?schema=team")
    one.bank("anna").retain("We moved to Lisbon.")
    assert other.banks() == []
    with pytest.raises(BadInput, match="schema"):
        opened(postgres18 + "?schema=Team-1")


def test_a_password_is_in_no_error(opened: Callable[..., Memory], postgres18: str) -> None:
    secret = "s3cret-word"
    for address in (
        f"postgresql://mnemic:{secret}@127.0.0.1:1/nowhere",
        postgres18.replace("mnemic@", f"nobody:{secret}@") + "x",
        f"postgresql://mnemic:{secret}@127.0.0.1:notaport/nowhere",
        f"postgresql://mnemic@127.0.0.1:1/nowhere?password={secret}",
    ):
        with pytest.raises((StoreError, BadInput)) as caught:
            opened(address)
        assert secret not in str(caught.value)
        assert isinstance(caught.value, BadInput) or "127.0.0.1" in str(caught.value)
    with opened(postgres18.replace("mnemic@", f"mnemic:{secret}@")) as memory:
        assert secret not in memory.engine.store.path  # type: ignore[attr-defined]


@pytest.mark.parametrize("programs", [programs_of_18(), programs_of_system()], ids=["18", "system"])
def test_a_killed_server_has_lost_nothing_that_was_acknowledged(programs: object) -> None:
    with server(programs, durable=True) as running:  # type: ignore[arg-type]
        dsn = running.fresh()
        with mnemic.open(dsn, embedder="hashing", reranker="overlap") as memory:
            bank = memory.bank("anna")
            acknowledged: list[str] = []
            for _ in range(2):
                acknowledged += _written_until_killed(bank, running, len(acknowledged))
                running.start()
                # The same memory goes on: connections that are gone are replaced.
                with memory.engine.store.snapshot("anna") as snapshot:
                    assert len(snapshot.events(acknowledged)) == len(acknowledged)
                assert memory.check() == []
            assert len(acknowledged) > 10
            assert bank.search("number 1", k=1)


def _written_until_killed(bank: mnemic.Bank, running: Server, first: int) -> list[str]:
    acknowledged: list[str] = []
    stopped = threading.Event()

    def kill() -> None:
        while len(acknowledged) < 8 and not stopped.is_set():
            time.sleep(0.01)
        # Somewhere within a write.
        time.sleep(0.05)
        running.kill()

    killer = threading.Thread(target=kill)
    killer.start()
    try:
        for i in range(first, 100_000):
            acknowledged += bank.retain({"id": f"e{i}-{first}", "content": f"number {i}"}).added
    except StoreError:
        pass
    finally:
        stopped.set()
        killer.join()
    return acknowledged


def test_a_killed_client_leaves_whole_writes(postgres18: str) -> None:
    with mnemic.open(postgres18, embedder="hashing", reranker="overlap") as memory:
        memory.bank("anna")
    acknowledged: list[str] = []
    for delay in (0.3, 0.45, 0.6, 0.75):
        reading, writing = os.pipe()
        child = os.fork()
        if child == 0:
            os.close(reading)
            try:
                with mnemic.open(postgres18, embedder="hashing", reranker="overlap") as mine:
                    for i in range(100_000):
                        texts = [{"id": f"{os.getpid()}-{i}-{j}", "content": f"tea {i} {j}"} for j in range(3)]
                        os.write(writing, json.dumps(list(mine.bank("anna").retain(texts).added)).encode() + b"\n")
            finally:
                os._exit(1)
        os.close(writing)
        time.sleep(delay)
        os.kill(child, signal.SIGKILL)
        with os.fdopen(reading, "rb") as pipe:
            for line in pipe.read().split(b"\n")[:-1]:
                acknowledged += json.loads(line)
        os.waitpid(child, 0)
        with mnemic.open(postgres18, embedder="hashing", reranker="overlap") as memory:
            with memory.engine.store.snapshot("anna") as snapshot:
                assert len(snapshot.events(acknowledged)) == len(acknowledged)
                counts = snapshot.counters()
            assert counts["events"] == counts["records"]
            assert counts["events"] % 3 == 0
            assert memory.check() == []
    assert acknowledged


def test_a_server_that_is_gone_is_told_with_its_reason_and_taken_up_again() -> None:
    with server(programs_of_system()) as running:
        dsn = running.fresh()
        with mnemic.open(f"{dsn}?connect_timeout=1", embedder="hashing", reranker="overlap") as memory:
            bank = memory.bank("anna")
            bank.retain("We moved to Lisbon.")
            running.stop()
            for _ in range(2):
                with pytest.raises(StoreError, match=r"refused|closed|terminat"):
                    bank.recall("Where do we live?")
            with pytest.raises(StoreError, match="refused"):
                mnemic.open(f"{dsn}?connect_timeout=1")
            running.start()
            assert "Lisbon" in bank.recall("Where do we live?").text


@pytest.mark.parametrize(
    ("more", "message"),
    [
        ("sslmode=require", "SSL"),
        ("connect_timeout=soon", "connect_timeout: 'soon'"),
        ("sslmode=perhaps", "sslmode"),
        ("schema=a-b", "schema: 'a-b'"),
        ("options=-c%20statement_timeout%3Dx", "statement_timeout"),
    ],
)
def test_an_address_that_cannot_be_is_told(
    opened: Callable[..., Memory], postgres15: str, more: str, message: str
) -> None:
    with pytest.raises((StoreError, BadInput), match=message):
        opened(f"{postgres15}?{more}")


def test_the_limit_of_a_statement_is_the_address_s(opened: Callable[..., Memory], postgres15: str) -> None:
    store = opened(f"{postgres15}?options=-c%20statement_timeout%3D2s").engine.store
    assert isinstance(store, PostgresStore)
    with pytest.raises(StoreError, match="statement_timeout"), store.connections.reading() as session:
        session.rows("SELECT pg_sleep(60)")


def test_many_threads_share_few_connections(opened: Callable[..., Memory], postgres18: str) -> None:
    memory = opened(postgres18)
    for n in range(4):
        memory.bank(f"b{n}").retain("tea in porto")
    failures: list[BaseException] = []

    def ask(who: int) -> None:
        try:
            for _ in range(3):
                memory.bank(f"b{who % 4}").retain(f"tea {who}")
                assert memory.bank(f"b{who % 4}").recall("tea").text
        except BaseException as error:
            failures.append(error)

    threads = [threading.Thread(target=ask, args=(who,)) for who in range(40)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    assert memory.check() == []


def test_the_page_on_clusters_spreads_just_the_tables_that_are_split() -> None:
    page = (Path(__file__).parents[3] / "docs" / "cluster.md").read_text("utf-8")
    assert re.findall(r"create_distributed_table\('(\w+)', 'bank'", page) == list(SPLIT)
