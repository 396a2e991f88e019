"""A witness elsewhere tells when the end of an audit was cut off, or an older backup put back."""

from __future__ import annotations

import json
import logging
import shutil
import sqlite3
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import psycopg
import pytest
from psycopg.sql import SQL, Identifier

from mnemic.auditing import Auditor
from mnemic.config import Settings
from mnemic.core.acting import Acting
from mnemic.core.errors import BadInput, Refused
from mnemic.guarded import GuardedMemory
from mnemic.memory import Memory
from mnemic.store.notes import WHOLE_STORE
from mnemic.verifying import entries_of, verify_file
from mnemic.witness import EVERY_ENTRIES, read_witness

Opened = Callable[..., Memory]
CUT = "DELETE FROM {0} WHERE (bank, n) IN (SELECT bank, max(n) FROM {0} GROUP BY bank)"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "elsewhere" / "witness.jsonl"


@pytest.fixture
def owner(tmp_path: Path, file: Path, opened: Opened) -> GuardedMemory:
    file.parent.mkdir()
    memory = opened(tmp_path / "agent.db", settings=Settings(audit_witness=str(file)))
    owner = memory.acting(Acting(reason="set up"))
    owner.bank("anna", create=True).retain("Tea was had.", session="s")
    return owner


@pytest.fixture(params=["sqlite", "postgresql"])
def engine(request: pytest.FixtureRequest, tmp_path: Path) -> tuple[str, Callable[[], None]]:
    """A store of each engine, and what somebody does to its database who wants his last acts forgotten."""
    if request.param == "sqlite":
        path = tmp_path / "agent.db"

        def cut() -> None:
            with closing(sqlite3.connect(path)) as connection, connection:
                connection.execute(CUT.format("audit"))

        return str(path), cut
    address: str = request.getfixturevalue("postgres18")

    def cut_there() -> None:
        with psycopg.connect(address) as connection:
            connection.execute(SQL(CUT).format(Identifier("mnemic", "audit")))

    return address, cut_there


def lines(file: Path) -> list[dict[str, object]]:
    return [json.loads(line) for line in file.read_text().splitlines()]


def test_an_end_that_was_cut_off_in_the_database_is_told(
    engine: tuple[str, Callable[[], None]], file: Path, opened: Opened
) -> None:
    address, cut = engine
    file.parent.mkdir()
    told = Settings(audit_witness=str(file))
    with opened(address, settings=told) as memory:
        owner = memory.acting(Acting())
        bank = owner.bank("anna", create=True)
        owner.create_key("for a friend")
        bank.retain("Tea was had.", session="s")
        for _ in range(4):
            bank.recall("tea")
        found = owner.verify_audit()
        assert found.holds
        assert found.witnessed
    cut()
    with opened(address) as memory:
        assert memory.acting(Acting()).verify_audit().holds  # A chain alone cannot know.
        found = memory.acting(Acting()).verify_audit(witness=file)
        assert not found.holds
        assert {what.split(":")[0] for what in found.broken} == {"the store", "bank 'anna'"}
        assert all("cut off" in what for what in found.broken)


def test_what_governs_is_witnessed_before_and_after(owner: GuardedMemory, file: Path) -> None:
    store = owner.open.engine.store
    owner.create_key("a first")
    before = len(lines(file))
    owner.create_key("for a friend")
    [former, *_, latest] = lines(file)[before:]
    head = store.audit_head(WHOLE_STORE)
    assert head is not None
    assert latest["n"] == head.n == int(str(former["n"])) + 1
    assert latest["sha"] == head.sha
    assert read_witness(file).wrong == []


def test_an_older_backup_is_told_also_when_it_has_grown_since(
    owner: GuardedMemory, file: Path, tmp_path: Path, opened: Opened
) -> None:
    owner.open.close()
    shutil.copy(tmp_path / "agent.db", tmp_path / "backup.db")
    with opened(tmp_path / "agent.db", settings=Settings(audit_witness=str(file))) as memory:
        memory.acting(Acting()).create_key("a first")
        memory.acting(Acting()).create_key("a second")
    with opened(tmp_path / "backup.db") as memory:
        assert "older backup" in memory.acting(Acting()).verify_audit(witness=file).broken[0]
    with opened(tmp_path / "backup.db", settings=Settings(audit_witness=str(file))) as memory:
        for name in ("another", "and another", "a third"):
            memory.acting(Acting(reason=name)).create_key(name)
        assert "is not the one that was witnessed" in memory.acting(Acting()).verify_audit().broken[0]


def test_it_is_checked_with_an_export_and_no_store(owner: GuardedMemory, file: Path, tmp_path: Path) -> None:
    owner.create_key("for a friend")
    export = tmp_path / "audit.jsonl"
    owner.export_audit(export)
    key = str(lines(file)[0]["signature"]["public"])  # type: ignore[index]
    owner.create_key("after the export")
    owner.bank("anna").recall("tea")
    owner.give("group:friends", "anna", "reader")
    found = verify_file(export, read_witness(file, public=key))
    assert found.holds
    assert found.later == 3
    entries = export.read_text().splitlines(keepends=True)
    mine = [line for line in entries if json.loads(line)["bank"] == "anna"]
    export.write_text("".join(line for line in entries if line not in mine[1:]))
    assert "cut off" in verify_file(export, read_witness(file, public=key)).broken[0]
    assert "not signed" in verify_file(export, read_witness(file, public="00" * 32)).broken[0]
    with pytest.raises(BadInput, match="witness cannot be read"):
        read_witness(tmp_path / "none")


def test_lines_that_were_forged_or_torn_are_told(owner: GuardedMemory, file: Path) -> None:
    owner.create_key("for a friend")
    forged = {**lines(file)[0], "n": 999}
    with file.open("a") as there:
        there.write(json.dumps(forged) + "\n" + file.read_text().splitlines()[0][:40])
    owner.create_key("one more")
    found = owner.verify_audit()
    assert found.torn == 1
    assert ["not signed" in what for what in found.broken] == [True]


def test_what_cannot_be_witnessed_is_not_done_and_reads_go_on(
    owner: GuardedMemory, file: Path, caplog: pytest.LogCaptureFixture
) -> None:
    bank = owner.bank("anna")
    shutil.rmtree(file.parent)
    for act in (
        lambda: owner.create_key("for a friend"),
        lambda: owner.give("group:friends", "anna", "reader"),
        lambda: bank.erase(events=["e"]),
        lambda: owner.erase_bank("anna"),
    ):
        with pytest.raises(Refused, match=r"audit_witness: .*nothing was done"):
            act()
    assert owner.keys() == []
    assert owner.grants() == []
    bank.retain("Coffee was had.", session="s")
    assert "Coffee" in bank.recall("coffee").text
    with caplog.at_level(logging.WARNING, "mnemic.audit"):
        for _ in range(EVERY_ENTRIES):
            bank.recall("tea")
        owner.open.flush()
    assert "cannot be written" in caplog.text
    file.parent.mkdir()
    owner.create_key("for a friend")
    assert owner.verify_audit().holds


def test_reads_are_witnessed_behind_and_when_all_is_closed(owner: GuardedMemory, file: Path) -> None:
    bank, auditor = owner.bank("anna"), owner.open.auditor
    at = len(lines(file))
    for _ in range(EVERY_ENTRIES):
        bank.recall("tea")
    auditor.flush()
    assert len(lines(file)) > at
    at = len(lines(file))
    bank.recall("tea")
    owner.open.close()
    assert lines(file)[at:]


def test_many_processes_append_to_one_file(owner: GuardedMemory, file: Path, tmp_path: Path, opened: Opened) -> None:
    others = [opened(tmp_path / "agent.db", settings=Settings(audit_witness=str(file))) for _ in range(4)]

    def govern(memory: Memory) -> None:
        for n in range(6):
            memory.acting(Acting()).create_key(f"key {n}")

    with ThreadPoolExecutor(len(others)) as pool:
        list(pool.map(govern, others))
    found = owner.verify_audit()
    assert found.holds
    assert found.torn == 0
    assert len(owner.keys()) == 24


def test_a_bank_that_was_erased_may_come_again(owner: GuardedMemory) -> None:
    for _ in range(3):
        owner.bank("anna").recall("tea")
    owner.erase_bank("anna")
    assert owner.verify_audit().holds
    owner.bank("anna", create=True).retain("Another one.", session="s")
    owner.give("group:friends", "anna", "reader")
    assert owner.verify_audit().holds


def test_a_long_chain_is_followed_a_page_at_a_time(owner: GuardedMemory, monkeypatch: pytest.MonkeyPatch) -> None:
    store, asked = owner.open.engine.store, []
    auditor = Auditor(store, owner.open.engine.clock)
    for n in range(2500):
        auditor.note("anna", Acting(), "recall", {"records": n}, at_once=False)
    auditor.close()
    read = type(store).audit

    def watched(self: object, bank: str, after: int = 0, limit: int | None = None) -> object:
        asked.append(limit)
        return read(self, bank, after, limit)  # type: ignore[arg-type]

    monkeypatch.setattr(type(store), "audit", watched)
    found = owner.verify_audit()
    assert found.holds
    assert found.entries["anna"] > 2500
    assert all(limit is not None and limit <= 1000 for limit in asked)
    assert len(list(entries_of(store, "anna"))) == found.entries["anna"]
