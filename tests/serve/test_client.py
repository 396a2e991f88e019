"""The client has the façade's names, gives back its values, and raises its errors: sync and async."""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

import mnemic
from mnemic.bank import Bank
from mnemic.client import RemoteBank, RemoteMemory, Unreachable, connect, connect_async
from mnemic.core.errors import BadInput, NotFound, Outdated
from mnemic.core.reading import Where
from mnemic.governance.keyring import LocalKeys
from mnemic.memory import Memory
from mnemic.serve.app import create_app


@pytest.fixture
def url(kept: Memory, listening: Callable[[Any], str]) -> str:
    return listening(create_app(kept))


@pytest.fixture
def remote(url: str) -> Iterator[RemoteMemory]:
    with connect(url) as memory:
        yield memory


MESSAGES = [
    {"id": "e1", "role": "user", "actor": "Anna", "content": "We moved to Lisbon last May."},
    {"id": "e2", "role": "user", "actor": "Anna", "content": "I drink my coffee on the balcony."},
]


def test_the_same_calls_give_the_same_values_as_the_library(kept: Memory, remote: RemoteMemory) -> None:
    anna, own = remote.bank("anna"), kept.bank("anna")
    assert anna.retain(MESSAGES, session="s1", at="2026-06-02").added == ("e1", "e2")
    there, here = anna.recall("Where did we move?"), own.recall("Where did we move?")
    assert (there.text, there.blocks) == (here.text, here.blocks)
    assert [one.record for one in there.citations] == [one.record for one in here.citations]
    records = anna.list().records
    assert records == own.list().records
    assert list(anna.every(limit=1)) == list(records)
    assert anna.list(Where(sessions=("none",))).records == ()
    assert anna.get(records[0].id) == records[0]
    assert anna.events() == own.events()
    assert anna.event("e1") == own.event("e1")
    assert anna.log() == own.log()
    assert anna.receipt(there.receipt) == own.receipt(there.receipt)
    assert anna.why(there.receipt, 1) == own.why(there.receipt, 1)
    assert [found.record for found in anna.search("coffee")] == [found.record for found in own.search("coffee")]
    assert "coffee" in anna.answer("What does Anna drink?").text
    assert anna.feedback("cited", [records[0].id]).ops == 1
    seq = remote.banks()[0].seq
    changed = anna.update(records[0].id, "We moved to Porto.", before_sha=anna.get(records[0].id).sha)
    assert anna.diff(seq).changed[0][1].value == changed.value == "We moved to Porto."
    assert len(anna.history(changed.id)) == 2
    anna.rollback(seq)
    assert anna.get(changed.id).value == records[0].value
    assert anna.delete(changed.id).state == "archived"
    assert anna.restore(changed.id).state == "active"
    assert anna.stats()["events"] == 2


def test_the_errors_are_those_of_the_library(remote: RemoteMemory) -> None:
    anna = remote.bank("anna")
    anna.retain(MESSAGES)
    with pytest.raises(NotFound):
        anna.get("none")
    with pytest.raises(NotFound):
        remote.bank("nobody", create=False)
    with pytest.raises(BadInput, match="question"):
        anna.recall("")
    with pytest.raises(Outdated):
        anna.update(anna.list().records[0].id, "x", before_sha="0")
    with pytest.raises(BadInput, match="url"):
        connect("agent.db")


def test_names_with_slashes_and_dots_are_banks(remote: RemoteMemory) -> None:
    for name in ("a/b", "..", "50%", "été"):
        remote.bank(name).retain("Hello.")
    assert [bank.name for bank in remote.banks()] == sorted(("a/b", "..", "50%", "été"))


def test_whole_banks(remote: RemoteMemory, tmp_path: Path) -> None:
    remote.bank("anna").retain(MESSAGES)
    assert remote.branch("anna", "what-if").stats()["events"] == 2
    archive = remote.export("anna", tmp_path / "anna.mnemic")
    assert remote.import_bank(archive, name="anna-2").stats()["events"] == 2
    assert remote.switch("anna", "bm25").state == "done"


def test_every_verb_of_a_bank_is_there_with_its_parameters() -> None:
    for verb in ("retain", "recall", "recall_many", "search", "answer", "feedback", "consolidate", "close_sessions",
                 "reflect", "switch", "get", "list", "event", "events", "update", "delete", "restore", "history", "log",
                 "diff", "rollback", "receipt", "receipts", "why", "stats"):  # fmt: skip
        own, there = (set(inspect.signature(getattr(kind, verb)).parameters) for kind in (Bank, RemoteBank))
        assert own - there <= {"on_progress", "recipe"}, verb


def test_asynchronously_it_is_the_same(url: str) -> None:
    async def use() -> None:
        async with await connect_async(url) as memory:
            anna = await memory.bank("anna")
            await asyncio.gather(*(anna.retain({"id": f"e{n}", "content": f"Message {n}."}) for n in range(20)))
            assert len([record async for record in anna.every(limit=7)]) == 20
            assert "Message 3" in (await anna.recall("Message 3?")).text
            assert [bank.name for bank in await memory.banks()] == ["anna"]
            with pytest.raises(NotFound):
                await anna.get("none")

    asyncio.run(use())


def test_a_server_that_is_not_there_is_told() -> None:
    with connect("http://127.0.0.1:9", attempts=1) as memory, pytest.raises(Unreachable, match="mnemic serve"):
        memory.banks()


def test_a_sealed_bank_is_made_listed_and_exported(listening: Callable[[Any], str], tmp_path: Path) -> None:
    keys = LocalKeys((bytes(32),))
    with (
        mnemic.open(tmp_path / "agent.db", embedder="hashing", reranker="overlap", keys=keys) as memory,
        connect(listening(create_app(memory))) as remote,
    ):
        remote.bank("anna", sealed=True).retain("We moved to Lisbon.")
        assert [row.sealed for row in remote.banks()] == [True]
        with pytest.raises(BadInput, match="clear"):
            remote.export("anna", tmp_path / "anna.mnemic")
        assert remote.export("anna", tmp_path / "anna.mnemic", clear=True).stat().st_size
        remote.bank("ben").retain("We moved to Porto.")
        assert remote.seal("ben").steps
        with pytest.raises(BadInput, match="renew"):
            remote.seal("ben")
        assert remote.seal("ben", renew=True).sealed
        assert not remote.unseal("ben").sealed
        assert "Porto" in remote.bank("ben").recall("Where did we move?").text
