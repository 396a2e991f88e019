"""A backup is a whole store as it was at one instant, also while it is written to."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from mnemic.core.errors import BadInput, StoreError
from mnemic.memory import Memory
from mnemic.store.sqlite.backup import copy_store

from .full import fill
from .test_migration import same

Opened = Callable[..., Memory]


def test_a_backup_is_the_store_and_restoring_it_too(where: str, tmp_path: Path, opened: Opened) -> None:
    memory = opened(where)
    fill(memory)
    copy_store(Path(where), tmp_path / "backup")
    copy_store(tmp_path / "backup", tmp_path / "restored")
    same(memory, opened(tmp_path / "restored"))
    assert [p.name for p in tmp_path.rglob("*.partial*")] == []


def test_a_backup_under_writes_holds_all_that_was_acknowledged_before_and_is_whole(
    where: str, tmp_path: Path, opened: Opened
) -> None:
    memory = opened(where)
    banks = [f"bank {n}" for n in range(3)]
    for bank in banks:
        memory.bank(bank, "bm25").retain([f"{bank} before {i}" for i in range(300)])
    stop, acknowledged, failures = threading.Event(), dict.fromkeys(banks, 0), []

    def write(bank: str) -> None:
        held = memory.bank(bank)
        while not stop.is_set():
            try:
                held.retain([f"{bank} meanwhile {acknowledged[bank]}"])
                acknowledged[bank] += 1
            except Exception as error:
                failures.append(error)

    threads = [threading.Thread(target=write, args=(bank,)) for bank in banks]
    for thread in threads:
        thread.start()
    try:
        for n in range(4):
            before = dict(acknowledged)
            copy_store(Path(where), tmp_path / f"backup {n}")
            with opened(tmp_path / f"backup {n}") as copy:
                assert copy.check() == []
                for bank in banks:
                    assert copy.bank(bank, create=False).stats()["events"] >= 300 + before[bank]
    finally:
        stop.set()
        for thread in threads:
            thread.join()
    assert failures == []
    assert min(acknowledged.values()) > 0


def test_nothing_is_overwritten_and_no_other_file_is_taken(tmp_path: Path, opened: Opened) -> None:
    opened(tmp_path / "a.db").bank("anna")
    (tmp_path / "text").write_text("tea")
    with pytest.raises(BadInput, match="exists already"):
        copy_store(tmp_path / "a.db", tmp_path / "text")
    with pytest.raises(StoreError):
        copy_store(tmp_path / "text", tmp_path / "b.db")
    with pytest.raises(BadInput, match="does not exist"):
        copy_store(tmp_path / "nowhere", tmp_path / "b.db")
    (tmp_path / "empty").mkdir()
    with pytest.raises(BadInput, match="holds no store"):
        copy_store(tmp_path / "empty", tmp_path / "b")
    assert {path.name for path in tmp_path.iterdir()} - {"a.db-shm", "a.db-wal"} == {"a.db", "empty", "text"}
