"""Banks on several servers: two files, and two PostgreSQL servers of which one stops."""

from __future__ import annotations

import subprocess
import sys
import threading
import time
from contextlib import ExitStack
from pathlib import Path

import pytest

import mnemic
from mnemic.core.errors import BadInput, StoreError
from mnemic.memory import Memory
from mnemic.store.routed import DOWN_S, RoutedStore
from tests.servers import Server, programs_of_18, server


def opened(address: str) -> Memory:
    """A memory with models that need no weights."""
    return mnemic.open(address, embedder="hashing", reranker="overlap")


def routed(memory: Memory) -> RoutedStore:
    """The store of a memory that is known to be on several servers."""
    store = memory.engine.store
    assert isinstance(store, RoutedStore)
    return store


@pytest.fixture
def address(tmp_path: Path) -> str:
    """A directory of two files."""
    url = f"directory+sqlite:///{tmp_path / 'directory.db'}"
    with opened(url) as memory:
        for name in ("one", "two"):
            routed(memory).directory.add(name, str(tmp_path / f"{name}.db"))
    return url


def test_banks_are_spread_and_found_again(address: str, tmp_path: Path) -> None:
    with opened(address) as memory:
        for name in ("anna", "ben", "carl", "dora"):
            memory.bank(name).retain(f"{name} moved to Lisbon.", session="s")
    with opened(address) as memory:
        assert [row.name for row in memory.banks()] == ["anna", "ben", "carl", "dora"]
        places = {place.bank: place.server for place in routed(memory).directory.placements()}
        assert places == {"anna": "one", "ben": "two", "carl": "one", "dora": "two"}
        for name in places:
            assert f"{name} moved" in memory.bank(name, create=False).recall("Where?").text
        assert memory.check() == []
        assert len({memory.engine.store.bank(name).space for name in places}) == 2  # type: ignore[union-attr]
    with opened(str(tmp_path / "one.db")) as memory:
        assert [row.name for row in memory.banks()] == ["anna", "carl"]


def test_a_dropped_bank_leaves_its_place(address: str) -> None:
    with opened(address) as memory:
        memory.bank("anna").retain("Tea.", session="s")
        memory.engine.store.drop_bank("anna")
        assert memory.banks() == []
        assert routed(memory).directory.placements() == []


def test_a_closed_server_takes_no_new_banks(address: str) -> None:
    with opened(address) as memory:
        routed(memory).directory.set_open("one", False)
        for name in ("anna", "ben"):
            memory.bank(name)
        assert {place.server for place in routed(memory).directory.placements()} == {"two"}


def test_a_server_brings_its_banks_and_no_name_twice(address: str, tmp_path: Path) -> None:
    with opened(address) as memory:
        memory.bank("anna")
        with opened(str(tmp_path / "old.db")) as old:
            old.bank("zoe")
            rows = old.banks()
        routed(memory).directory.add("old", str(tmp_path / "old.db"), rows)
        assert [row.name for row in memory.banks()] == ["anna", "zoe"]
        with pytest.raises(BadInput, match="anna"):
            routed(memory).directory.add("more", "more.db", memory.banks()[:1])
        assert [server.name for server in routed(memory).directory.servers()] == ["old", "one", "two"]


def test_no_server_is_told(tmp_path: Path) -> None:
    with (
        opened(f"directory+sqlite:///{tmp_path / 'directory.db'}") as memory,
        pytest.raises(StoreError, match="servers add"),
    ):
        memory.bank("anna")


def test_a_moved_bank_is_whole_for_those_who_use_it(address: str) -> None:
    with opened(address) as memory, opened(address) as other:
        memory.bank("anna").retain("Anna drinks tea.", session="s")
        memory.bank("ben").retain("Ben drinks coffee.", session="s")
        assert "tea" in other.bank("anna").recall("What does Anna drink?").text
        moved = memory.move_bank("anna", "two")
        assert (moved.source, moved.target) == ("one", "two")
        for one in (memory, other):
            assert "tea" in one.bank("anna").recall("What does Anna drink?").text
            one.bank("anna").retain("More tea.", session="s")
        assert memory.move_bank("anna", "one").target == "one"
        assert other.bank("anna").retain("Again tea.", session="s").added
        assert memory.check() == []
        with pytest.raises(BadInput, match="already"):
            memory.move_bank("anna", "one")


def test_a_move_under_writes_loses_nothing(address: str) -> None:
    said: list[str] = []
    stop = threading.Event()

    def write() -> None:
        with opened(address) as other:
            bank = other.bank("anna")
            while not stop.is_set():
                said.extend(bank.retain(f"Turn {len(said)}.", session="s").added)

    with opened(address) as memory:
        memory.bank("anna").retain("Turn.", session="s")
        writer = threading.Thread(target=write)
        writer.start()
        try:
            for to in ("two", "one"):
                before = len(said)
                memory.move_bank("anna", to)
                assert len(said) > before
        finally:
            stop.set()
            writer.join()
        with memory.engine.store.snapshot("anna") as now:
            assert set(said) <= set(now.events(said))
        assert memory.check() == []


KILLED = """
import os, sys
import mnemic
import mnemic.moving as moving
step, left = sys.argv[2], int(sys.argv[3])
inner = getattr(moving, step)
def dying(*args, **options):
    global left
    done = inner(*args, **options)
    left -= 1
    if not left:
        os._exit(9)
    return done
setattr(moving, step, dying)
with mnemic.open(sys.argv[1], embedder="hashing", reranker="overlap") as memory:
    memory.move_bank("anna", "two")
"""


@pytest.mark.parametrize("step", ["copy_log 1", "_fence 1", "copy_beside 2", "_late 1"])
def test_a_killed_mover_is_gone_on_with(address: str, step: str) -> None:
    with opened(address) as memory:
        memory.bank("anna").retain(["Anna drinks tea.", "Anna lives in Lisbon."], session="s")
    done = subprocess.run([sys.executable, "-c", KILLED, address, *step.split()], capture_output=True, check=False)
    assert done.returncode == 9, done.stderr
    with opened(address) as memory:
        assert "tea" in memory.bank("anna", create=False).recall("What does Anna drink?").text
        assert memory.move_bank("anna", "two").target == "two"
        assert memory.bank("anna").retain("More tea.", session="s").added
        assert [row.name for row in memory.banks()] == ["anna"]
        assert routed(memory).store_of("one").bank("anna") is None
        assert memory.check() == []


USING = """
import sys
import mnemic
from mnemic.core.errors import StoreError
with mnemic.open(sys.argv[1], embedder="hashing", reranker="overlap") as memory:
    for line in sys.stdin:
        verb, name = line.split()
        try:
            if verb == "retain":
                memory.bank(name).retain(f"{name} drinks tea.", session="s")
            print("tea" in memory.bank(name).recall("What to drink?").text, flush=True)
        except StoreError as error:
            print(error, flush=True)
"""


def test_a_server_that_is_down_takes_only_its_banks_with_it(server18: Server) -> None:
    address = f"directory+{server18.fresh()}"
    with server(programs_of_18()) as second, ExitStack() as stack:
        with opened(address) as memory:
            routed(memory).directory.add("one", server18.fresh())
            routed(memory).directory.add("two", second.fresh().replace("mnemic@", "mnemic:s3cret@"))
        using = [
            stack.enter_context(
                subprocess.Popen(
                    [sys.executable, "-c", USING, address], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
                )
            )
            for _ in range(2)
        ]

        def ask(process: subprocess.Popen[str], line: str) -> str:
            assert process.stdin is not None
            assert process.stdout is not None
            process.stdin.write(line + "\n")
            process.stdin.flush()
            return process.stdout.readline().strip()

        for process, names in zip(using, (("anna", "ben"), ("carl", "dora")), strict=True):
            assert [ask(process, f"retain {name}") for name in names] == ["True", "True"]
        second.stop()
        for process in using:
            said = ask(process, "recall ben")
            assert said.startswith("server 'two': ")
            assert "s3cret" not in said
            assert ask(process, "retain anna") == "True"
            assert ask(process, "recall carl") == "True"
        assert ask(using[0], "retain erik") == "True"
        with opened(address) as memory:
            assert [row.name for row in memory.banks()] == ["anna", "ben", "carl", "dora", "erik"]
            assert routed(memory).place_of("erik").server == "one"
            assert not routed(memory).answering("two")
        second.start()
        time.sleep(DOWN_S)
        assert ask(using[1], "retain ben") == "True"
        with opened(address) as memory:
            memory.move_bank("ben", "one")
        assert [ask(process, "recall ben") for process in using] == ["True", "True"]
        for process in using:
            assert process.stdin is not None
            process.stdin.close()
