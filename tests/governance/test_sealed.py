"""Sealed banks: nothing of their content lies in a file, and they are the same banks as in clear."""

from __future__ import annotations

import random
import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mnemic.bank import Bank
from mnemic.core.errors import BadInput, StoreError
from mnemic.engine.hiding import make_hidden
from mnemic.memory import Memory
from mnemic.models.hashing_embedder import HashingEmbedder
from mnemic.recipes import load_recipe
from mnemic.store.protocol import HIDDEN, Snapshot
from tests.engine.histories import WORDS, step
from tests.recipes.test_contracts import fill

from .sealed_banks import KEYS, files_of, fingerprint, found, live, opened

WORD = "Quaxwell"


def seen(bank: Bank, at: int | None = None) -> dict[str, Any]:
    """What a bank shows of itself by every way into it."""
    with bank.engine.store.snapshot(bank.name, at) as snapshot:
        index = snapshot.index()
        ids = list(index.ids[: index.size])
        units = snapshot.dense_units()
        return {
            "records": {i: r.with_(bank="").to_json() for i, r in snapshot.records(ids).items()},
            "versions": [[(v.from_seq, v.to_seq) for v in snapshot.versions(i)] for i in ids[:20]],
            "sessions": snapshot.sessions(),
            "events": [event.to_json() for event in snapshot.session_events("s1", before=None, last=None)],
            "page": [event.id for event in snapshot.event_page("s2", 0, 10)],
            "waiting": [event.id for event in snapshot.unformed("s1")],
            "edges": [edge.to_json() for edge in snapshot.edges(ids, None, "both")],
            "some edges": [edge.to_json() for edge in snapshot.edges(ids[:5], ["about"], "out")],
            "marked": snapshot.marked("tag", WORDS),
            "labelled": snapshot.labelled(),
            "counted": list(snapshot.mark_counts("entity").items()),
            "log": list(snapshot.raw_log()),
            "terms": snapshot.term_stats("turn", WORDS),
            "units": list(units),
            "vectors": snapshot.vectors(None),
            "fingerprint": snapshot.fingerprint() if at is None else "",
        }


@settings(max_examples=5, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(seeds=st.lists(st.integers(0, 1 << 20), min_size=3, max_size=10))
def test_a_sealed_bank_is_the_bank_that_it_would_be_in_clear(
    tmp_path_factory: pytest.TempPathFactory, seeds: list[int]
) -> None:
    folder = tmp_path_factory.mktemp("twins")
    with opened(folder / "clear.db") as left, opened(folder / "sealed.db") as right:
        clear, sealed = left.bank("b"), right.bank("b", sealed=True)
        for seed in seeds:
            step(clear, random.Random(seed))
            step(sealed, random.Random(seed))
        assert seen(clear) == seen(sealed)
        with clear.engine.store.snapshot("b") as snapshot:
            past = random.Random(seeds[0]).randint(0, snapshot.seq)
        assert seen(clear, past) == seen(sealed, past)
        for question in ("anna likes tea in lisbon", "where does the cat play"):
            mine, theirs = clear.recall(question), sealed.recall(question)
            assert mine.text == theirs.text
            found_by = [[(one.record.id, one.hit.score) for one in bank.search(question)] for bank in (clear, sealed)]
            assert found_by[0] == found_by[1]
        clear.erase(session="s1")
        assert sealed.erase(session="s1").clean
        assert seen(clear) == seen(sealed)
        assert left.check() == right.check() == []


@pytest.mark.parametrize("recipe", ["default", "hindsight", "mem0", "a-mem", "memtree", "engram"])
def test_recipes_make_the_same_of_it(tmp_path: Path, recipe: str) -> None:
    with opened(tmp_path / "clear.db") as left, opened(tmp_path / "sealed.db") as right:
        clear = left.bank("b", load_recipe(recipe))
        sealed = right.bank("b", load_recipe(recipe), sealed=True)
        fill(clear)
        fill(sealed)
        assert fingerprint(clear) == fingerprint(sealed)
        right.branch("b", "copy")
        assert fingerprint(sealed) == fingerprint(right.bank("copy"))
        assert all(row.sealed for row in right.banks())
        right.flush()
    words = ("Lisbon", "Clara", "bicycle", "pottery")
    held = b"".join(file.read_bytes() for file in tmp_path.glob("sealed.db*"))
    assert not [word for word in words if word.encode() in held or word.casefold().encode() in held]


def test_nothing_of_it_lies_in_a_file_at_any_time(where: str, tmp_path: Path) -> None:
    place = Path(where)
    files = [tmp_path]
    with opened(where) as memory:
        bank = memory.bank("b", sealed=True)
        live(bank, WORD)
        memory.flush()
        assert found(files_of(*files), WORD) == set(), "while it was written"
        shas = [event.sha.encode() for event in bank.events()]
        assert not any(sha in file.read_bytes() for file in files_of(*files) for sha in shas)
        memory.switch("b", "bm25")
        memory.switch("b", "default")
        assert found(files_of(*files), WORD) == set(), "after a switch"
        memory.branch("b", "copy")
        assert bank.erase(session="other").clean
        memory.flush()
        assert found(files_of(*files), WORD) == set(), "after an erasure"
        assert WORD in bank.recall(f"Where does the {WORD} nest?").text
        memory.bank("open")
        live(memory.bank("open"), "Brindle")
        memory.flush()
        assert found(files_of(*files), "Brindle") >= {
            "as it is",
            "folded",
            "embedding",
            "sketch",
            "hash",
            "hash of a term",
        }
    assert found(files_of(*files), WORD) == set(), "when it was closed"
    assert place.exists()


def test_without_its_key_it_is_only_listed(where: str) -> None:
    with opened(where) as memory:
        live(memory.bank("b", sealed=True), WORD)
        memory.bank("open").retain("We moved to Lisbon.")
        before = fingerprint(memory.bank("b"))
    with opened(where, keys=None) as memory:
        assert [(row.name, bool(row.sealed)) for row in memory.banks()] == [("b", True), ("open", False)]
        bank = memory.bank("b")
        for attempt in (
            lambda: bank.recall("Where?"),
            lambda: bank.retain("More."),
            lambda: bank.stats(),
            lambda: memory.branch("b", "copy"),
            lambda: memory.bank("new", sealed=True),
            lambda: memory.seal("open"),
            lambda: memory.unseal("b"),
            lambda: bank.receipts(),
            lambda: bank.erase(everything=True),
        ):
            with pytest.raises(StoreError, match="MNEMIC_VAULT_KEY_FILE"):
                attempt()
        assert "Lisbon" in memory.bank("open").recall("Where did we move?").text
        assert memory.check() == []
        assert [row.name for row in memory.banks()] == ["b", "open"]
    other = type(KEYS)((bytes(32),))
    with opened(where, keys=other) as memory, pytest.raises(StoreError, match="needs the key"):
        memory.bank("b").retain("More.")
    with opened(where) as memory:
        assert fingerprint(memory.bank("b")) == before


def test_its_key_is_wrapped_anew(where: str) -> None:
    old, new = KEYS.keys[0], bytes(range(1, 33))
    with opened(where) as memory:
        live(memory.bank("b", sealed=True), WORD)
        memory.bank("open")
        before = fingerprint(memory.bank("b"))
    with opened(where, keys=type(KEYS)((new, old))) as memory:
        make_hidden(memory.engine, f"{HIDDEN}beside", "", "b")
        vault = memory.entrance.vault(memory.engine)
        assert (vault.rewrap("b"), vault.rewrap("open")) == (2, 0)
        assert fingerprint(memory.bank("b")) == before
    with opened(where, keys=type(KEYS)((new,))) as memory:
        assert fingerprint(memory.bank("b")) == before


def test_a_bank_that_is_there_is_sealed_and_opened_again(where: str, tmp_path: Path) -> None:
    with opened(where) as memory:
        bank = memory.bank("b")
        live(bank, WORD)
        make_hidden(bank.engine, f"{HIDDEN}beside", "", "b")
        before, said = fingerprint(bank), bank.recall("Where does it nest?").text
        receipts = [receipt.to_json() for receipt in bank.receipts()]
        assert found(files_of(tmp_path), WORD)
        with pytest.raises(BadInput, match="lies in clear"):
            memory.bank("b", sealed=True)
        done = memory.seal("b")
        assert not done.waits
        assert found(files_of(tmp_path), WORD) == set()
        assert fingerprint(bank) == before
        assert [receipt.to_json() for receipt in bank.receipts()] == receipts
        assert bank.recall("Where does it nest?").text == said
        assert all(row.sealed for row in bank.engine.store.banks() if row.name != "open")
        assert memory.check() == []
        with pytest.raises(BadInput, match="--renew"):
            memory.seal("b")
        former = [row.sealed for row in memory.banks()]
        memory.seal("b", renew=True)
        assert [row.sealed for row in memory.banks()] != former
        assert not any(former[0].encode() in file.read_bytes() for file in files_of(tmp_path))
        assert fingerprint(bank) == before
        memory.unseal("b")
        assert fingerprint(bank) == before
        assert found(files_of(tmp_path), WORD)
        with pytest.raises(BadInput, match="in clear already"):
            memory.unseal("b")


def test_it_is_embedded_anew(where: str, tmp_path: Path) -> None:
    with opened(where) as memory:
        live(memory.bank("b", sealed=True), WORD)
    with opened(where, embedder=HashingEmbedder(dim=128)) as memory:
        assert memory.reembed("b").embedded
        assert WORD in memory.bank("b").recall(f"Where does the {WORD} nest?").text
        assert memory.check() == []
        memory.flush()
        assert found(files_of(tmp_path), WORD) == set()


def test_hidden_banks_are_sealed_as_theirs_is(where: str) -> None:
    with opened(where) as memory:
        memory.bank("b", sealed=True)
        make_hidden(memory.engine, f"{HIDDEN}beside", "", "b")
        row = memory.engine.store.bank(f"{HIDDEN}beside")
        assert row is not None
        assert row.sealed


def _swapped(connection: sqlite3.Connection, number: int, other: int) -> None:
    connection.execute(
        "UPDATE bodies SET body = (SELECT body FROM bodies WHERE pk = ?) WHERE pk = ?",
        (other << 34 | 1, number << 34 | 1),
    )


def _flipped(connection: sqlite3.Connection, number: int, _: int) -> None:
    (body,) = connection.execute("SELECT body FROM bodies WHERE pk = ?", (number << 34 | 1,)).fetchone()
    turned = body[:40] + ("A" if body[40] != "A" else "B") + body[41:]
    connection.execute("UPDATE bodies SET body = ? WHERE pk = ?", (turned, number << 34 | 1))


def _moved_between_columns(connection: sqlite3.Connection, number: int, _: int) -> None:
    connection.execute(
        "UPDATE bodies SET body = (SELECT body FROM log WHERE pk = ?) WHERE pk = ?",
        (number << 34 | 1, number << 34 | 1),
    )


@pytest.mark.parametrize("harm", [_swapped, _flipped, _moved_between_columns])
def test_rows_that_are_not_its_own_do_not_open(
    tmp_path: Path, harm: Callable[[sqlite3.Connection, int, int], None]
) -> None:
    with opened(tmp_path / "agent.db") as memory:
        for name in ("a", "b"):
            memory.bank(name, sealed=True).retain("We moved to Lisbon.")
        ids = [record.id for record in memory.bank("a").list().records]
        numbers = [row.bank for row in memory.banks()]
    with sqlite3.connect(tmp_path / "agent.db") as connection:
        harm(connection, *numbers)
    with opened(tmp_path / "agent.db") as memory:
        with pytest.raises(StoreError, match=r"bank: 'a' is sealed.*restore the bank") as raised:
            memory.bank("a").get(ids[0])
        assert "Lisbon" not in str(raised.value)
        assert memory.bank("b").list().records


def test_an_archive_lies_in_clear_and_must_be_asked_for(where: str, tmp_path: Path) -> None:
    with opened(where) as memory:
        bank = memory.bank("b", sealed=True)
        live(bank, WORD)
        with pytest.raises(BadInput, match="--clear"):
            memory.export("b", tmp_path / "b.mnemic")
        assert not (tmp_path / "b.mnemic").exists()
        memory.export("b", tmp_path / "b.mnemic", clear=True)
        copy = memory.import_bank(tmp_path / "b.mnemic", name="copy")
        assert fingerprint(copy) == fingerprint(bank)


def test_it_is_migrated_sealed(where: str, tmp_path: Path) -> None:
    with opened(where) as memory, opened(tmp_path / "target.db") as target:
        bank = memory.bank("b", sealed=True)
        live(bank, WORD)
        memory.migrate_to(target)
        assert fingerprint(target.bank("b", sealed=True)) == fingerprint(bank)
        target.flush()
        assert found(tmp_path.glob("target.db*"), WORD) == set()


def test_it_is_moved_to_another_server_sealed(tmp_path: Path) -> None:
    with opened(f"directory+sqlite:///{tmp_path}/directory.db") as memory:
        directory: Any = memory.engine.store
        for name in ("one", "two"):
            directory.directory.add(name, f"{tmp_path}/{name}.db", [])
        bank = memory.bank("b", sealed=True)
        live(bank, WORD)
        here = directory.place_of("b").server
        memory.move_bank("b", "two" if here == "one" else "one")
        memory.seal("b", renew=True)
        assert memory.engine.store.rewrap("b")
        assert WORD in bank.recall(f"Where does the {WORD} nest?").text
        memory.flush()
        assert found(files_of(tmp_path), WORD) == set()


def test_with_the_bank_its_key_is_destroyed(where: str, tmp_path: Path) -> None:
    with opened(where) as memory:
        live(memory.bank("b", sealed=True), WORD)
        wrapped = memory.banks()[0].sealed.encode()
        assert any(wrapped in file.read_bytes() for file in files_of(tmp_path))
        receipt = memory.erase_bank("b")
        assert receipt.clean, receipt.verification
        assert receipt.how["key"].startswith("destroyed")
        assert not any(wrapped in file.read_bytes() for file in files_of(tmp_path))


def test_it_can_be_erased_when_its_key_is_lost(where: str, tmp_path: Path) -> None:
    with opened(where) as memory:
        live(memory.bank("b", sealed=True), WORD)
        memory.bank("open").retain("We moved to Lisbon.")
        wrapped = memory.banks()[0].sealed.encode()
    with opened(where, keys=None) as memory:
        receipt = memory.erase_bank("b")
        assert receipt.clean, receipt.verification
        assert "without it nobody knows" in receipt.how["search"]
        assert [row.name for row in memory.banks()] == ["open"]
        assert not any(wrapped in file.read_bytes() for file in files_of(tmp_path))
        assert memory.check() == []


def test_what_is_erased_is_gone_also_as_it_lay(tmp_path: Path) -> None:
    path = tmp_path / "agent.db"
    with opened(path) as memory:
        bank = memory.bank("b", sealed=True)
        live(bank, WORD)
        bank.retain("This stays.", session="kept")
        memory.flush()
        with sqlite3.connect(path) as connection:
            lay = [body[:60].encode() for (body,) in connection.execute("SELECT body FROM log ORDER BY pk")]
            lay += [emb[:40] for (emb,) in connection.execute("SELECT emb FROM vectors")]
        receipt = bank.erase(session=f"sess{WORD}")
        assert receipt.clean, receipt.verification
        held = b"".join(file.read_bytes() for file in files_of(tmp_path))
        left = [raw for raw in lay if raw in held]
        assert lay[0] not in left
        assert 0 < len(left) < len(lay) - 3


def test_what_proposes_candidates_finds_the_same(tmp_path: Path) -> None:
    with opened(tmp_path / "clear.db") as left, opened(tmp_path / "sealed.db") as right:

        def candidates(memory: Memory, name: str) -> list[int]:
            with memory.engine.store.snapshot(name) as snapshot:
                return _candidates(snapshot)

        for memory, sealed in ((left, False), (right, True)):
            bank = memory.bank("b", sealed=sealed)
            bank.retain([f"turn {i} about tea {i % 7} and {WORDS[i % len(WORDS)]}" for i in range(60)], session="s")
        assert candidates(left, "b")
        assert candidates(left, "b") == candidates(right, "b")


def _candidates(snapshot: Snapshot) -> list[int]:
    names = list(snapshot.index().keys)
    return [unit for name in names for unit in snapshot.lexical_candidates(name, ["tea", "lisbon", "none"], 20)]
