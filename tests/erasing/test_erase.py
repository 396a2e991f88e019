"""Erasure: nothing of what is erased is found in any tier, and what is left is what a bank has that never had it."""

from __future__ import annotations

import json
import sqlite3
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import mnemic
from mnemic.bank import Bank
from mnemic.core.chance import ManualClock
from mnemic.core.erasure import ErasureReceipt
from mnemic.core.errors import BadInput, NotFound, Refused
from mnemic.core.op import Op
from mnemic.core.reading import Where
from mnemic.memory import Memory

SECRET = "the cobalt heron nested under Zanzibar's oldest lighthouse in Quaxwell"
SAID = [
    {"id": "a1", "role": "user", "actor": "Anna", "content": f"Do you know that {SECRET}?"},
    {"id": "b1", "role": "user", "actor": "Ben", "content": "My favourite food is sardines from the harbour market."},
    {"id": "a2", "role": "user", "actor": "Anna", "content": "I live in Porto now, near the famous bookshop."},
    {"id": "b2", "role": "user", "actor": "Ben", "content": "I live in Braga and Anna visits me every winter."},
    {"id": "b3", "role": "user", "actor": "Ben", "content": "The train to the coast leaves at seven every morning."},
]
RECIPES = ("default", "bm25", "hybrid", "rsum", "hindsight", "mem0", "a-mem", "memtree", "memory-bank", "scm", "engram")


def opened(path: Path | str) -> Memory:
    """A memory whose models are rules, at a fixed time."""
    clock = ManualClock(datetime(2026, 6, 2, tzinfo=UTC))
    return mnemic.open(path, embedder="hashing", reranker="overlap", language_model="rules", clock=clock)


def filled(memory: Memory, recipe: str = "default", said: list[dict[str, str]] = SAID) -> Bank:
    """A bank of two sessions that are over."""
    bank = memory.bank("friends", recipe=recipe)
    bank.retain(said[:3], session="s1", at="2026-06-01", close=True)
    bank.retain(said[3:], session="s2", at="2026-06-02", close=True)
    return bank


def everything(memory: Memory) -> str:
    """All text of all tables of an SQLite store."""
    with sqlite3.connect(memory.engine.store.path) as connection:  # type: ignore[attr-defined]
        return "\n".join(connection.iterdump())


def prints(memory: Memory, *banks: str) -> list[str]:
    """The fingerprints of banks."""
    out = []
    for name in banks:
        with memory.engine.store.snapshot(name) as snapshot:
            out.append(snapshot.fingerprint())
    return out


@pytest.mark.parametrize("recipe", RECIPES)
def test_nothing_is_left_and_the_log_still_tells_the_bank(tmp_path: Path, recipe: str) -> None:
    with opened(tmp_path / "m.db") as memory:
        bank = filled(memory, recipe)
        bank.consolidate()
        bank.recall("cobalt heron")
        receipt = bank.erase(person="anna")
        assert receipt.clean, receipt.verification
        assert receipt.events == 2
        assert memory.check() == []
        memory.branch("friends", "copy")
        assert len(set(prints(memory, "friends", "copy"))) == 1
        told = everything(memory).casefold()
        assert "cobalt" not in told
        assert "quaxwell" not in told
        assert "bookshop" not in told
        assert "cobalt" not in bank.recall("What nested under the lighthouse?").text
    raw = b"".join(file.read_bytes() for file in tmp_path.iterdir())
    assert b"Quaxwell" not in raw
    assert b"quaxwel" not in raw


@pytest.mark.parametrize("recipe", ["default", "bm25", "hybrid", "rsum"])
def test_what_is_left_is_what_a_bank_has_that_never_had_it(tmp_path: Path, recipe: str) -> None:
    with opened(tmp_path / "m.db") as memory, opened(tmp_path / "never.db") as other:
        bank = filled(memory, recipe)
        bank.erase(["a1"])
        never = other.bank("friends", recipe=recipe)
        never.retain(SAID[1:3], session="s1", at="2026-06-01", close=True)
        never.retain(SAID[3:], session="s2", at="2026-06-02", close=True)
        for question in ("Where does Ben live?", "What food does Ben like?", "When does the train leave?"):
            assert bank.recall(question).text == never.recall(question).text

        def values(one: Bank) -> list[tuple[str, str]]:
            return sorted((record.kind, record.value) for record in one.list(limit=100).records)

        assert values(bank) == values(never)


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    cities=st.lists(st.sampled_from(["Porto", "Lisbon", "Braga", "Faro", "Evora"]), min_size=2, max_size=6),
    gone=st.sets(st.integers(0, 5), min_size=1, max_size=3),
)
def test_facts_fall_into_line_without_what_was_erased(
    tmp_path_factory: pytest.TempPathFactory, cities: list[str], gone: set[int]
) -> None:
    said = [
        {
            "id": f"e{i}", "role": "user", "actor": "Ben", "content": f"I live in {city}.", "at": f"2026-0{i + 1}-01",
            "meta": {"facts": [{"subject": "Ben", "attribute": "home", "value": city}]},
        }
        for i, city in enumerate(cities)
    ]  # fmt: skip
    erased = [f"e{i}" for i in gone if i < len(cities)]
    if not erased:
        return
    folder = tmp_path_factory.mktemp("facts")
    with opened(folder / "m.db") as memory, opened(folder / "never.db") as other:
        bank, never = memory.bank("b"), other.bank("b")
        for message in said:
            bank.retain(message, session="s")
            if message["id"] not in erased:
                never.retain(message, session="s")
        assert bank.erase(erased).events == len(erased)

        def facts(one: Bank) -> list[tuple[str, str, str]]:
            found = one.list(Where(kinds=("semantic",), states=("active", "superseded")), limit=100).records
            return sorted((r.value, r.state, str(r.times.valid)) for r in found)

        assert facts(bank) == facts(never)
        assert memory.check() == []
        memory.branch("b", "copy")
        assert len(set(prints(memory, "b", "copy"))) == 1


def test_a_dry_run_tells_and_writes_nothing(tmp_path: Path) -> None:
    with opened(tmp_path / "m.db") as memory:
        bank = filled(memory)
        before = prints(memory, "friends")
        told = bank.erase_plan(person="Anna")
        assert (told.events, told.mentioned) == (2, 1)
        assert bank.erase_plan(person="Anna", mentions=True).events == 3
        assert prints(memory, "friends") == before
        with pytest.raises(BadInput, match="say what"):
            bank.erase()


def test_sessions_times_and_the_same_words_again(tmp_path: Path) -> None:
    with opened(tmp_path / "m.db") as memory:
        bank = filled(memory)
        assert bank.erase(session="s2").events == 2
        assert bank.erase(during=("2026-06-01", "2026-06-02")).events == 3
        assert bank.stats()["records"] == 0
        filled(memory)
        assert "cobalt" in bank.recall("cobalt heron").text
        assert bank.erase(everything=True).clean
        assert memory.check() == []


def test_the_receipt_is_signed_and_holds_nothing(tmp_path: Path) -> None:
    with opened(tmp_path / "m.db") as memory:
        bank = filled(memory)
        memory.export("friends", tmp_path / "copy.mnemic")
        memory.branch("friends", "branch")
        receipt = bank.erase(person="Anna", reason="asked for it", who="key:1")
        assert bank.erasure_holds(receipt)
        assert not bank.erasure_holds(receipt.with_(events=1))
        assert {copy["kind"] for copy in receipt.out_of_reach} == {"export", "branch"}
        assert "Anna" not in json.dumps(receipt.to_json())
        assert ErasureReceipt.from_json(json.loads(json.dumps(receipt.to_json()))) == receipt
        assert bank.erasures() == [receipt]
        erased = memory.bank("branch").erase(person="Anna")
        assert erased.clean


def test_branches_are_erased_too_when_asked(tmp_path: Path) -> None:
    with opened(tmp_path / "m.db") as memory:
        bank = filled(memory)
        memory.branch("friends", "branch")
        receipt = bank.erase(person="Anna", branches=True)
        assert receipt.clean
        assert "cobalt" not in everything(memory)


@pytest.mark.parametrize("layout", ["m.db", "folder/"])
def test_whole_banks(tmp_path: Path, layout: str) -> None:
    with opened(f"{tmp_path}/{layout}") as memory:
        filled(memory)
        memory.bank("other").retain("Something else entirely.", session="s")
        receipt = memory.erase_bank("friends")
        assert receipt.clean, receipt.verification
        assert [row.name for row in memory.banks()] == ["other"]
        assert memory.erasures() == [receipt]
        with pytest.raises(NotFound):
            memory.erase_bank("friends")


def test_an_open_reader_is_waited_for_and_told(tmp_path: Path) -> None:
    with opened(tmp_path / "m.db") as memory, opened(tmp_path / "m.db") as reader:
        bank = filled(memory)
        read = reader.bank("friends")
        assert "cobalt" in read.recall("cobalt heron").text
        with reader.engine.store.snapshot("friends") as held:
            assert held.counters()["events"] == 5
            receipt = bank.erase(person="Anna")
            assert not receipt.clean
            assert receipt.verification["waits"]
        assert "cobalt" not in read.recall("cobalt heron").text
        (finished,) = bank.finish_erasures()
        assert finished.state == "done"
        assert b"Quaxwell" not in b"".join(file.read_bytes() for file in tmp_path.iterdir())


def test_large_texts_leave_no_overflow_pages(tmp_path: Path) -> None:
    with opened(tmp_path / "m.db") as memory:
        bank = filled(memory)
        bank.retain("Quaxwell overflow page. " * 1_000, session="s3")
        assert bank.erase(session="s3").clean
        bank.erase(["a1"])
    assert b"Quaxwell" not in b"".join(file.read_bytes() for file in tmp_path.iterdir())


def test_no_stage_may_erase(tmp_path: Path) -> None:
    with opened(tmp_path / "m.db") as memory:
        filled(memory)
        with pytest.raises(Refused, match="governance"):
            memory.engine.commit("friends", lambda _: [Op(kind="ERASE")])
