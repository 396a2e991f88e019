"""What every store promises: what was said is found at once, banks are walls, equal logs give equal stores."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import mnemic
from mnemic.core.chain import broken
from mnemic.core.errors import BadInput, NotFound
from mnemic.core.reading import Where
from mnemic.memory import Memory
from mnemic.store.notes import WHOLE_STORE, Note
from tests.recipes.locomo_bank import asked, locomo, retain_all

AT = datetime(2026, 1, 1, tzinfo=UTC)
LINES = [f"turn {i}: {'tea' if i % 3 else 'coffee'} in {('lisbon', 'porto', 'faro')[i % 3]}" for i in range(40)]


def print_of(memory: Memory, bank: str) -> str:
    """The fingerprint of a bank."""
    with memory.engine.store.snapshot(bank) as snapshot:
        return snapshot.fingerprint()


def test_what_is_written_is_found_and_what_changes_changes_everywhere(memory: Memory) -> None:
    bank = memory.bank("anna")
    first = bank.retain("Rosa keeps a zebra in Porto.", session="s1").records[0]
    bank.retain(LINES, session="s2")
    assert bank.search("zebra", k=1)[0].record.id == first
    with memory.engine.view("anna") as view:
        where = Where(sessions=("s1",))
        assert [hit.id for hit in view.lexical("zebra porto", key="words", k=5, where=where)] in ([first], [])
    bank.update(first, "Rosa keeps a giraffe in Faro.")
    assert "giraffe" in bank.search("giraffe", k=1)[0].record.value
    assert all("zebra" not in found.record.value for found in bank.search("zebra", k=50))
    bank.delete(first)
    assert first not in [found.record.id for found in bank.search("giraffe faro rosa", k=50)]
    assert memory.check() == []


def test_a_log_gives_the_same_store_on_every_engine(
    memory: Memory, opened: Callable[..., Memory], tmp_path: Path
) -> None:
    bank = memory.bank("anna")
    ids = bank.retain(LINES, session="s").records
    bank.update(ids[3], "turn 3 was about cocoa")
    bank.delete(ids[4])
    bank.feedback("cited", [ids[5]])
    kept = bank.stats()["ops"]
    bank.retain("a late turn", session="t")
    memory.branch("anna", "replayed")
    memory.branch("anna", "former", at=kept)
    memory.export("anna", tmp_path / "anna.zip")
    embedded = opened(tmp_path / "other.db")
    embedded.import_bank(tmp_path / "anna.zip")
    assert print_of(memory, "anna") == print_of(memory, "replayed") == print_of(embedded, "anna")
    assert print_of(memory, "former") != print_of(memory, "anna")
    embedded.export("anna", tmp_path / "back.zip")
    memory.import_bank(tmp_path / "back.zip", name="back")
    assert print_of(memory, "back") == print_of(memory, "anna")
    asked = "where was tea drunk in porto"
    assert bank.recall(asked).text == embedded.bank("anna").recall(asked).text == memory.bank("back").recall(asked).text
    with memory.engine.store.snapshot("anna", kept) as then, memory.engine.store.snapshot("former") as former:
        assert [r.value for r in then.records(ids).values()] == [r.value for r in former.records(ids).values()]
    assert memory.check() == []


def test_what_was_rolled_back_is_as_it_was(memory: Memory) -> None:
    bank = memory.bank("anna")
    first = bank.retain("Rosa lives in Porto.").records[0]
    seq = bank.stats()["ops"]
    bank.update(first, "Rosa lives in Faro.")
    bank.rollback(seq)
    assert bank.get(first).value == "Rosa lives in Porto."
    assert memory.check() == []


def test_beside_the_log(memory: Memory) -> None:
    store = memory.engine.store
    memory.bank("anna")
    for bank in ("anna", WHOLE_STORE):
        note = Note(bank=bank, kind="grant", id="g", at=AT, body={"n": 1})
        store.put_note(note)
        store.put_note(replace(note, body={"n": 2}))
        assert [n.body for n in store.notes(bank, None)] == [{"n": 2}]
        assert store.drop_note(bank, "grant", "g")
        assert store.note(bank, "grant", "g") is None
    with pytest.raises(NotFound):
        store.put_note(Note(bank="ben", kind="grant", id="g", at=AT, body={}))
    for n in range(3):
        store.put_audit("anna", AT + timedelta(seconds=n), "local", "recall", {"n": n})
    entries = list(store.audit("anna"))
    assert broken(entries) == []
    assert store.audit_head("anna") == entries[-1]
    assert store.audit_head("") is None
    assert broken([entries[0], entries[2]]) != []


def test_a_name_is_given_once_and_a_dropped_bank_leaves_nothing(memory: Memory) -> None:
    store = memory.engine.store
    memory.bank("anna").retain(LINES)
    memory.bank("ben").retain("Ben likes rain.")
    with pytest.raises(BadInput):
        store.create_bank("anna", "", AT)
    store.drop_bank("anna")
    assert [row.name for row in memory.banks()] == ["ben"]
    assert memory.bank("anna").search("tea", k=5) == []
    assert memory.check() == []


@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(
    st.lists(st.sampled_from(["tea", "coffee", "rain", "porto", "faro"]), min_size=1, max_size=4),
    st.sampled_from([None, ("s1",), ("s2",), ("s1", "s2"), ("nowhere",)]),
)
def test_no_filter_crosses_a_bank(memory: Memory, words: list[str], sessions: tuple[str, ...] | None) -> None:
    for name in ("anna", "ben"):
        if not memory.bank(name).stats()["events"]:
            for session in ("s1", "s2"):
                memory.bank(name).retain([f"{name}: {line}" for line in LINES[:8]], session=session)
    for name in ("anna", "ben"):
        with memory.engine.view(name) as view:
            given = Where(sessions=sessions)
            query = " ".join(words)
            hits = [h.id for key in view.snapshot.index().keys for h in (
                *view.lexical(query, key=key, k=50, where=given), *view.dense(query, key=key, k=50, where=given)
            )]  # fmt: skip
            values = [record.value for record in view.get(hits).values()]
        assert all(name + ":" in value for value in values)


def test_writers_of_one_bank_queue_and_nothing_is_lost(opened: Callable[..., Memory], where: str) -> None:
    memories = [opened(where) for _ in range(2)]
    memories[0].bank("anna")
    failures: list[BaseException] = []

    def write(who: int) -> None:
        try:
            for i in range(15):
                memories[who % 2].bank("anna").retain({"id": f"{who}-{i}", "content": f"number {i} of {who}"})
                assert memories[(who + 1) % 2].bank("anna").search(f"number {i} of {who}", k=1)
        except BaseException as error:
            failures.append(error)

    threads = [threading.Thread(target=write, args=(who,)) for who in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    assert memories[1].bank("anna").stats()["events"] == 60
    assert memories[0].check() == []


@pytest.mark.parametrize("recipe", ["default", "bm25", "dense", "hybrid"])
def test_recipes_find_the_same_on_every_engine(
    memory: Memory, opened: Callable[..., Memory], tmp_path: Path, recipe: str
) -> None:
    other = opened(tmp_path / "beside.db", seed=0)
    for each in (memory, other):
        each.bank("anna", recipe=recipe).retain(LINES, session="s", at="2026-01-01")
    for query in ("tea in porto", "coffee", "turn 7"):
        one, two = (each.bank("anna").search(query, k=20) for each in (memory, other))
        assert [found.record.value for found in one] == [found.record.value for found in two]
        assert [found.hit.score for found in one] == pytest.approx([found.hit.score for found in two], rel=1e-6)


def test_asyncio_finds_what_it_wrote(where: str) -> None:
    import asyncio

    async def main() -> str:
        async with await mnemic.open_async(where, embedder="hashing", reranker="overlap") as memory:
            bank = await memory.bank("anna")
            await bank.retain("We moved to Lisbon.")
            return str((await bank.recall("Where do we live?")).text)

    assert "Lisbon" in asyncio.run(main())


def test_real_conversations_are_ranked_alike(memory: Memory, opened: Callable[..., Memory], tmp_path: Path) -> None:
    other = opened(tmp_path / "beside.db", seed=0)
    conversation = locomo()
    for each in (memory, other):
        retain_all(each.bank("one"), conversation)
    assert print_of(memory, "one") == print_of(other, "one")
    for probe in asked(conversation, most=25):
        one, two = (each.bank("one").search(probe.question, k=20) for each in (memory, other))
        assert [found.record.id for found in one] == [found.record.id for found in two]
