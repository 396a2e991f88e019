"""Nearest vectors of large banks, chosen on the server: by a graph where pgvector is, by sketches where it is not."""

from __future__ import annotations

import threading
import uuid
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import psycopg
import pytest

import mnemic
from mnemic.core.errors import StoreError
from mnemic.core.op import Op
from mnemic.core.reading import Where
from mnemic.core.record import Key, Record
from mnemic.core.scope import Scope
from mnemic.jobs.worker import Worker
from mnemic.memory import Memory
from mnemic.models.ports import EmbedderSpec
from mnemic.store.postgres.nearest import Nearest
from mnemic.store.postgres.store import PostgresStore
from mnemic.store.postgres.vectors import Floats
from tests.servers import Server
from tests.store.test_index import Correlated, add, tiers

ROWS = 4500
EMBEDDER: Any = Correlated()
ASKED = range(5000, 5030)
BUILDING = "SELECT pid FROM pg_stat_activity WHERE query LIKE 'CREATE INDEX%' AND wait_event_type = 'Lock'"


def notes(first: int, last: int, **more: object) -> list[Record]:
    """Records that are found by a vector alone; every third is private, every fiftieth rare."""
    return [
        Record(
            id=f"r{i}", kind="note", value=f"{i}", session=f"s{i % 2}", keys={"said": Key(f"{i}", lexical=False)},
            labels=("private",) if i % 3 == 0 else (), tags=("rare",) if i % 50 == 1 else (),
            **more,  # type: ignore[arg-type]
        )
        for i in range(first, last)
    ]  # fmt: skip


def store_of(memory: Memory) -> PostgresStore:
    """The store, which keeps a graph of what is here a large bank."""
    store = memory.engine.store
    assert isinstance(store, PostgresStore)
    store.graphs.least = 1000
    return store


def nearest(
    memory: Memory, questions: Sequence[int], where: Where, scope: Scope | None = None, at: int | None = None
) -> list[list[str]]:
    """The ids of the nearest twenty, for each question."""
    out = []
    for question in questions:
        with memory.engine.view("anna", at, *([] if scope is None else [scope])) as view:
            out.append([hit.id for hit in view.dense(f"{question}", key="said", k=20, where=where)])
    return out


def exactly(questions: Sequence[int], among: Sequence[int]) -> list[list[str]]:
    """What a search that looks at everything finds."""
    rows = EMBEDDER.rows[list(among)]
    return [[f"r{among[i]}" for i in np.argsort(-(rows @ EMBEDDER.rows[q]), kind="stable")[:20]] for q in questions]


def recall(found: list[list[str]], wanted: list[list[str]]) -> float:
    """The share of what is wanted that was found."""
    shares = [len(set(f) & set(w)) / len(w) for f, w in zip(found, wanted, strict=True)]
    return float(np.mean(shares))


@pytest.fixture(scope="module")
def filled() -> dict[int, str]:
    """Databases with a large bank by the port of their server, to be copied."""
    return {}


def copied(server: Server, filled: dict[int, str]) -> str:
    """The DSN of a database of its own with a large bank."""
    if server.port not in filled:
        filled[server.port] = server.fresh()
        with mnemic.open(filled[server.port], embedder=EMBEDDER, reranker="overlap") as memory:
            add(memory, "anna", notes(0, ROWS))
    made = f"c{uuid.uuid4().hex[:12]}"
    with psycopg.connect(server.dsn(), autocommit=True) as connection:
        template = filled[server.port].rpartition("/")[2]
        connection.execute(f"CREATE DATABASE {made} TEMPLATE {template}".encode())
    return server.dsn(made)


@pytest.fixture(params=["server18", "server15"])
def memory(
    request: pytest.FixtureRequest,
    filled: dict[int, str],
    opened: Callable[..., Memory],
    monkeypatch: pytest.MonkeyPatch,
) -> Memory:
    """A bank that counts as large, with and without pgvector."""
    tiers(monkeypatch, False)
    made = opened(copied(request.getfixturevalue(request.param), filled), embedder=EMBEDDER)
    store_of(made)
    return made


@pytest.fixture
def dsn(server18: Server, filled: dict[int, str], monkeypatch: pytest.MonkeyPatch) -> str:
    """Where such a bank is, with pgvector."""
    tiers(monkeypatch, False)
    return copied(server18, filled)


@pytest.fixture
def large(dsn: str, opened: Callable[..., Memory]) -> Memory:
    """The memory there."""
    made = opened(dsn, embedder=EMBEDDER)
    store_of(made)
    return made


def graphs(memory: Memory) -> list[str]:
    """Names of the graphs in the database that may be used."""
    with store_of(memory).connections.reading() as session:
        rows = session.rows(
            "SELECT c.relname::text FROM pg_index x JOIN pg_class c ON c.oid = x.indexrelid JOIN pg_am a"
            " ON a.oid = c.relam WHERE a.amname = 'hnsw' AND x.indisvalid"
        )
    return [name for (name,) in rows]


def test_the_server_finds_what_exact_search_finds(memory: Memory) -> None:
    store = store_of(memory)
    cases = [
        (Where(), None, range(ROWS)),
        (Where(sessions=("s1",)), None, range(1, ROWS, 2)),
        (Where(tags=("rare",)), None, range(1, ROWS, 50)),
        (Where(), Scope(without=frozenset({"private"})), [i for i in range(ROWS) if i % 3]),
        (Where(), Scope(only=frozenset({"private"})), range(0, ROWS, 3)),
    ]
    for tuned in (False, True):
        if tuned:
            assert store.tune("anna") is store.connections.pgvector
            assert store.untuned() == []
        for where, scope, among in cases:
            found = nearest(memory, ASKED, where, scope)
            assert {i for ids in found for i in ids} <= {f"r{i}" for i in among}
            assert recall(found, exactly(ASKED, list(among))) >= 0.99
    with memory.engine.view("anna") as view:
        assert all(key.sketches is None for key in view.snapshot.index().keys.values())


@pytest.mark.parametrize("fetched", [8_000, 900])
def test_sketches_on_the_server_choose_what_memory_would_choose(
    memory: Memory, monkeypatch: pytest.MonkeyPatch, fetched: int
) -> None:
    # Where few rows pass, the server is told which; where many do, it gives more than are wanted.
    monkeypatch.setattr("mnemic.store.postgres.nearest.MOST_FETCHED", fetched)
    walls = (None, Scope(only=frozenset({"private"})))
    found = [nearest(memory, ASKED, where, wall) for where in (Where(), Where(sessions=("s0",))) for wall in walls]
    monkeypatch.setattr("mnemic.store.postgres.index_source.PostgresSource.nearest_units", lambda *_, **__: None)
    assert found == [
        nearest(memory, ASKED, where, wall) for where in (Where(), Where(sessions=("s0",))) for wall in walls
    ]


def test_what_lies_behind_a_wall_has_no_part_in_what_is_found(memory: Memory) -> None:
    wall = Scope(without=frozenset({"private"}))
    store_of(memory).tune("anna")
    before = nearest(memory, ASKED, Where(), wall)
    # All of them nearer to every question than anything that may be seen.
    add(memory, "anna", [r.with_(labels=("private",)) for r in notes(ASKED[0], ASKED[-1] + 1)])
    assert nearest(memory, ASKED, Where(), wall) == before
    assert all(ids[0] == f"r{question}" for ids, question in zip(nearest(memory, ASKED, Where()), ASKED, strict=True))


def test_what_was_set_aside_is_found_in_the_past_alone(memory: Memory) -> None:
    bank, store = memory.bank("anna"), store_of(memory)
    store.tune("anna")
    then = bank.stats()["ops"]
    gone = {int(i[1:]) for ids in exactly(ASKED[:4], range(ROWS)) for i in ids}
    memory.engine.commit("anna", lambda view: [Op.demote(r) for r in view.get([f"r{i}" for i in gone]).values()])
    add(memory, "anna", notes(ROWS, ROWS + 100))
    now = [i for i in range(ROWS + 100) if i not in gone]
    assert recall(nearest(memory, ASKED[:4], Where()), exactly(ASKED[:4], now)) >= 0.98
    assert recall(nearest(memory, ASKED[:4], Where(), at=then), exactly(ASKED[:4], range(ROWS))) >= 0.98


def test_a_graph_is_used_and_goes_with_its_bank(large: Memory) -> None:
    store = store_of(large)
    assert store.untuned() == ["anna"]
    assert large.tune("anna")
    assert not large.tune("anna")
    with large.engine.view("anna") as view:
        row = view.snapshot.row
        asked = Nearest(view.snapshot.session, row.bank, row.space or 0, EMBEDDER.rows[0])  # type: ignore[attr-defined]
        told = asked.session.rows("EXPLAIN " + asked.graph_statement(200), (Floats(EMBEDDER.rows[0].tobytes()),))
        assert f"near_{row.bank}_{row.space}" in str(told)
    # A copy that is no smaller wants one of its own, and keeps the other's where it is.
    large.branch("anna", "copy")
    assert store.untuned() == ["copy"]
    assert large.tune("copy")
    assert len(graphs(large)) == 2
    store.drop_bank("anna")
    assert len(graphs(large)) == 1


def test_a_graph_of_a_former_embedder_goes(large: Memory, dsn: str, opened: Callable[..., Memory]) -> None:
    assert large.tune("anna")
    other: Any = Correlated()
    other.spec = EmbedderSpec("other", 256, "other-256")
    newer = opened(dsn, embedder=other)
    store_of(newer)
    assert newer.reembed("anna").embedded == ROWS
    assert graphs(newer) == []
    assert recall(nearest(newer, ASKED, Where()), exactly(ASKED, range(ROWS))) >= 0.99
    assert newer.tune("anna")
    assert recall(nearest(newer, ASKED, Where()), exactly(ASKED, range(ROWS))) >= 0.99


def test_one_process_builds_and_a_broken_build_is_made_anew(
    large: Memory, dsn: str, opened: Callable[..., Memory]
) -> None:
    second = opened(dsn, embedder=EMBEDDER)
    failures: list[str] = []

    def build() -> None:
        try:
            large.tune("anna")
        except StoreError as error:
            failures.append(str(error))

    with psycopg.connect(dsn) as held, psycopg.connect(dsn, autocommit=True) as looking:
        # A build waits for whoever has written to the table.
        held.execute("UPDATE mnemic.vectors SET unit = unit WHERE unit = 1")
        building = threading.Thread(target=build)
        building.start()
        while not (pids := looking.execute(BUILDING).fetchall()):
            pass
        assert not second.tune("anna")
        assert recall(nearest(second, ASKED[:3], Where()), exactly(ASKED[:3], range(ROWS))) >= 0.98
        add(second, "anna", notes(ROWS, ROWS + 1))
        looking.execute("SELECT pg_terminate_backend(%s)", pids[0])
        building.join()
    assert failures
    assert graphs(large) == []
    assert store_of(second).untuned() == ["anna"]
    assert second.tune("anna")
    assert len(graphs(second)) == 1


def test_a_worker_tunes_what_has_grown_large(large: Memory) -> None:
    Worker(large).run(once=True)
    assert [(job.kind, job.state, job.result["tuned"]) for job in large.jobs("anna")] == [("tune", "done", True)]
    assert len(graphs(large)) == 1
    Worker(large).run(once=True)
    assert len(large.jobs("anna")) == 1
