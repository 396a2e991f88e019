"""A process killed while it erases: either nothing has happened, or all rows are gone and the rest can be finished."""

from __future__ import annotations

import os
import random
import shutil
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest

import mnemic
from mnemic.engine.erasing.reforming import hidden_name
from mnemic.governance.keyring import LocalKeys, load_keys, write_key_file
from mnemic.governance.secrets import PLACEHOLDER
from mnemic.memory import Memory
from tests.servers import Server
from tests.store.test_kills import agrees, killed

EVENTS, OF_ANNA = 60, 20
WORD = b"Quaxwell"

#: Gives a store of its own, filled, and its files' bytes.
Fresh = Callable[[], tuple[str, Callable[[], bytes]]]


def opened(path: str | Path, **options: object) -> Memory:
    """A memory whose models are rules."""
    given = {"embedder": "hashing", "reranker": "overlap", "language_model": "rules", **options}
    return mnemic.open(path, **given)  # type: ignore[arg-type]


def fill(path: str | Path, recipe: str) -> None:
    """A bank of sessions in which Anna speaks every third turn."""
    with opened(path) as memory:
        bank = memory.bank("friends", recipe=recipe)
        for session in range(4):
            said = [
                {
                    "role": "user",
                    "actor": "Anna" if i % 3 == 0 else "Ben",
                    "content": f"Turn {i} of {session}: " + (f"Quaxwell, heron {i * 7919}." if i % 3 == 0 else "tea."),
                }
                for i in range(EVENTS // 4)
            ]
            bank.retain(said, session=f"s{session}", at=1.75e9 + session, close=True)


def counted(memory: Memory) -> tuple[int, int]:
    """How many events there are, and records of the default recipe."""
    with memory.engine.store.snapshot("friends") as snapshot:
        counts = snapshot.counters()
        return counts["events"], counts["records"]


@contextmanager
def file_stores(folder: Path, recipe: str) -> Iterator[Fresh]:
    """Copies of one filled file."""
    fill(folder / "filled.db", recipe)
    made: list[Path] = []

    def fresh() -> tuple[str, Callable[[], bytes]]:
        home = folder / f"copy{len(made)}"
        home.mkdir()
        made.append(home)
        shutil.copyfile(folder / "filled.db", home / "agent.db")
        return str(home / "agent.db"), lambda: b"".join(file.read_bytes() for file in home.iterdir())

    yield fresh


@contextmanager
def server_stores(server: Server, recipe: str) -> Iterator[Fresh]:
    """Copies of one filled database."""
    filled = server.fresh()
    fill(filled, recipe)

    def fresh() -> tuple[str, Callable[[], bytes]]:
        dsn = server.fresh()
        name, base = dsn.rpartition("/")[2], filled.rpartition("/")[2]
        with psycopg.connect(server.dsn(), autocommit=True) as connection:
            connection.execute(f"DROP DATABASE {name}".encode())
            connection.execute(f"CREATE DATABASE {name} TEMPLATE {base}".encode())
            row = connection.execute("SELECT oid FROM pg_database WHERE datname = %s", (name,)).fetchone()
        assert row is not None
        folder = server.data / "base" / str(row[0])

        def raw() -> bytes:
            with psycopg.connect(dsn, autocommit=True) as connection:
                connection.execute("CHECKPOINT")
            return b"".join(file.read_bytes() for file in folder.iterdir())

        return dsn, raw

    yield fresh


def erase(path: Path, note: Callable[[object], None]) -> None:
    """What the child does."""
    with opened(path) as memory:
        note(memory.bank("friends").erase(person="Anna", reason="asked for it").state)


def killed_while_erasing(fresh: Fresh, rounds: int, seed: int) -> None:
    """Kill at moments that are spread over what an erasure takes, and look at what each left."""
    path, _ = fresh()
    begun = time.perf_counter()
    erase(Path(path) if "://" not in path else path, lambda _: None)  # type: ignore[arg-type]
    takes = time.perf_counter() - begun
    rng = random.Random(seed)
    cut, outcomes = 0, set()
    for turn in range(rounds):
        path, raw = fresh()
        notes, was_killed = killed(erase, path, takes * (turn + rng.random()) / rounds)  # type: ignore[arg-type]
        cut += was_killed
        with opened(path) as memory:
            bank = memory.bank("friends")
            events, _ = counted(memory)
            # Nothing between all and none of it, whoever reads.
            assert events in (EVENTS, EVENTS - OF_ANNA)
            outcomes.add(events)
            left = bank.erasures()
            if notes or events < EVENTS:
                assert events == EVENTS - OF_ANNA
                assert "Quaxwell" not in bank.recall("Who saw the heron in Quaxwell?").text
                assert len(left) == 1
                finished = bank.finish_erasures()
                assert len(finished) == (left[0].state == "rows")
            else:
                assert left == []
                assert "Quaxwell" in bank.recall("Who saw the heron in Quaxwell?").text
                assert bank.erase(person="Anna").clean
            (receipt,) = bank.erasures()
            assert receipt.state == "done"
            assert receipt.events == OF_ANNA
            assert bank.erasure_holds(receipt)
            assert WORD not in raw()
            agrees(memory, "friends")
            # Hidden banks in which something was formed anew are no longer there.
            assert not [row.name for row in memory.engine.store.banks() if hidden_name("") in row.name]
    assert cut
    assert outcomes


@pytest.mark.parametrize(("recipe", "rounds"), [("default", 12), ("rsum", 8)])
def test_killed_while_erasing_a_file(tmp_path: Path, recipe: str, rounds: int) -> None:
    with file_stores(tmp_path, recipe) as fresh:
        killed_while_erasing(fresh, rounds, 1)


def test_killed_while_erasing_on_a_server(server18: Server) -> None:
    with server_stores(server18, "default") as fresh:
        killed_while_erasing(fresh, 4, 2)


@pytest.mark.parametrize("kind", ["file", "server"])
def test_a_reader_sees_all_or_nothing(tmp_path: Path, kind: str, request: pytest.FixtureRequest) -> None:
    path = tmp_path / "agent.db" if kind == "file" else request.getfixturevalue("server18").fresh()
    fill(path, "default")
    seen: set[tuple[int, int]] = set()
    with opened(path) as memory, opened(path) as reader:
        over = threading.Event()

        def read() -> None:
            while not over.is_set():
                seen.add(counted(reader))

        thread = threading.Thread(target=read)
        thread.start()
        try:
            memory.bank("friends").erase(person="Anna")
        finally:
            over.set()
            thread.join()
        left = EVENTS - OF_ANNA
        assert seen <= {(EVENTS, EVENTS), (left, left)}
        assert counted(reader) == (left, left)


def test_killed_while_a_secret_is_told(tmp_path: Path) -> None:
    path = tmp_path / "agent.db"
    write_key_file(tmp_path / "key")
    rng, told = random.Random(3), 0

    def tell(path: Path, note: Callable[[object], None]) -> None:
        with opened(path, keys=_keys(tmp_path)) as memory:
            bank = memory.bank("anna")
            for i in range(10_000):
                name = f"{os.getpid()}-{i}"
                bank.retain({"id": name, "role": "user", "content": f"My wifi password is Zanzibar{name}x."})
                note(name)

    for turn in range(8):
        notes, _ = killed(tell, path, 0.8 * (turn + rng.random()) / 8)
        raw = b"".join(file.read_bytes() for file in tmp_path.iterdir())
        assert b"Zanzibar" not in raw
        with opened(path, keys=_keys(tmp_path)) as memory:
            bank = memory.bank("anna")
            with memory.engine.store.snapshot("anna") as snapshot:
                events = {
                    entry.op.event.id: entry.op.event for entry in snapshot.log(0, None) if entry.op.event is not None
                }
            assert set(notes) <= set(events)
            for name, event in events.items():
                (held,) = PLACEHOLDER.finditer(event.text)
                assert bank.reveal(held[0], purpose="test") == f"Zanzibar{name}x"
            told += len(notes)
    assert told
    with opened(path, keys=_keys(tmp_path)) as memory:
        agrees(memory, "anna")


def _keys(folder: Path) -> LocalKeys:
    found = load_keys(key_file=str(folder / "key"))
    assert isinstance(found, LocalKeys)
    return found
