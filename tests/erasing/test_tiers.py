"""Every place where a memory keeps something: what was erased is in none of them, on any engine."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import psycopg
import pytest
from fastapi.testclient import TestClient

from mnemic.bank import Bank
from mnemic.core.errors import NotFound
from mnemic.core.usage import Usage
from mnemic.governance.keyring import LocalKeys, write_key_file
from mnemic.jobs.opening import queue_of
from mnemic.jobs.queue import Wanted, options_of
from mnemic.memory import Memory
from mnemic.serve.app import create_app
from mnemic.store.asked import Asked

#: Nothing but Anna's words, names and numbers hold it.
WORD = "quaxwell"
CARD, PASSWORD = "4111 1111 1111 1111", "tr0ub4dor&3"
Opened = Callable[..., Memory]


@pytest.fixture(params=["one-file", "file-a-bank", "server"])
def where(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The address of a store that is not there yet, on each engine."""
    if request.param == "server":
        return str(request.getfixturevalue("postgres18"))
    return str(tmp_path / "agent.db") if request.param == "one-file" else str(tmp_path / "banks") + "/"


@pytest.fixture
def keys(tmp_path: Path) -> LocalKeys:
    return write_key_file(tmp_path / "key")


def dumped(where: str) -> str:
    """All that a store's files or tables hold, as text."""
    if where.startswith("postgresql"):
        with psycopg.connect(where, autocommit=True) as connection:
            connection.execute("ANALYZE")
            tables = connection.execute(
                "SELECT oid::regclass::text FROM pg_class WHERE relkind = 'r' AND relnamespace NOT IN"
                " ('pg_catalog'::regnamespace, 'information_schema'::regnamespace)"
            ).fetchall()
            rows = [connection.execute(f"SELECT t::text FROM {table} t".encode()).fetchall() for (table,) in tables]
            rows.append(connection.execute("SELECT s::text FROM pg_stats s WHERE schemaname = 'mnemic'").fetchall())
        return "\n".join(str(row[0]) for found in rows for row in found)
    path = Path(where)
    files = path.rglob("*") if path.is_dir() else path.parent.glob(path.name + "*")
    return "\n".join(file.read_bytes().decode("latin1") for file in files if file.is_file())


def fill(bank: Bank) -> list[str]:
    """What Anna says, and what comes of it in all tiers; gives the ids of her records."""
    bank.retain(
        [
            {"id": "a1", "role": "user", "actor": "Anna", "content": f"The heron of Quaxwell: my card is {CARD}."},
            {"id": "a2", "role": "user", "actor": "Anna", "content": f"My wifi password is {PASSWORD}."},
            {"id": "b1", "role": "user", "actor": "Ben", "content": f"My own wifi password is {PASSWORD}, too."},
        ],
        session="quaxwell-therapy-sessions",
        at="2026-06-01",
    )
    bank.retain([{"id": "b2", "role": "user", "actor": "Ben", "content": "Sardines at the harbour."}], session="s2")
    context = bank.recall("What about the heron of Quaxwell?")
    bank.feedback("cited", [context.citations[0].record], receipt=context.receipt)
    records = [r.id for r in bank.list(limit=100).records if "Quaxwell" in r.value]
    bank.update(records[0], "The heron of Quaxwell, as Anna calls it.", reason="Quaxwell is a place")
    bank.feedback("label", records[:1], text="quaxwell-label")
    return records


def told(bank: Bank, by: str = "write") -> Asked:
    """What a model answered about her words."""
    now = bank.engine.clock.now()
    return Asked(bank.name, now, by, "extract_facts", Usage(1, 0, 5, 5), b"k" * 32, {"facts": ["Quaxwell heron"]})


def test_no_tier_holds_it(where: str, opened: Opened, keys: LocalKeys) -> None:
    memory = opened(where, keys=keys)
    bank = memory.bank("friends")
    with TestClient(create_app(memory)) as http:
        sent = {"messages": [{"role": "user", "actor": "Anna", "content": "Quaxwell over HTTP."}], "session": "h"}
        done = http.post("/v1/banks/friends/events", json=sent, headers={"Idempotency-Key": "quaxwell-key"})
        assert done.status_code == 200, done.text
    records = fill(bank)
    store = memory.engine.store
    store.put_asked(told(bank), at_once=True)
    for about in ("a1", "b1"):
        queue_of(store, memory.engine.clock).enqueue(Wanted(kind="form", bank="friends", options={"ids": [about]}))
    memory.flush()
    assert WORD in dumped(where).casefold()
    secrets = {entry.placeholder: bank.reveal(entry.placeholder, purpose="test") for entry in bank.secrets()}
    assert len(secrets) == 2
    receipt = bank.erase(person="Anna", reason="asked for it")
    # The session holds what Ben said, so that its name stays until he is gone too.
    assert receipt.clean, "\n".join(receipt.verification["findings"])
    left = dumped(where).casefold().replace("quaxwell-therapy-sessions", "")
    assert WORD not in left
    assert not [line for line in records if line in left]
    assert sorted(list(options_of(job)["ids"]) for job in store.jobs("friends")) == [[], ["b1"]]
    assert store.answers("friends") == []
    assert list(store.notes("friends", "idempotency")) == []
    # The password is Ben's as well; the card was hers alone.
    (entry,) = bank.secrets()
    assert secrets[entry.placeholder] == PASSWORD
    assert bank.reveal(entry.placeholder, purpose="test") == PASSWORD
    assert bank.erase(person="Ben").clean
    assert bank.secrets() == []
    memory.flush()
    assert WORD not in dumped(where).casefold()
    assert memory.check() == []


def test_what_waited_elsewhere_does_not_come_after_it(where: str, opened: Opened) -> None:
    memory = opened(where)
    bank = memory.bank("friends")
    fill(bank)
    other = opened(where)
    beside = other.bank("friends")
    context = beside.recall("What about the heron of Quaxwell?")
    # Both are written behind, by another process: after the erasure, if it comes to that.
    shown = beside.receipt(context.receipt)
    asked = told(beside, by="read")
    assert bank.erase(everything=True).clean
    other.engine.store.put_receipt(shown)
    other.engine.store.put_asked(asked)
    other.close()
    assert memory.engine.store.answers("friends") == []
    assert [spent.usage.calls for spent in memory.engine.store.spent("friends")] == [1]
    with pytest.raises(NotFound):
        bank.receipt(context.receipt)
    assert WORD not in dumped(where).casefold()


def test_receipts_of_erasures_tell_nothing(where: str, opened: Opened) -> None:
    memory = opened(where)
    bank = memory.bank("friends")
    fill(bank)
    bank.erase(session="quaxwell-therapy-sessions")
    kept = json.dumps([receipt.to_json() for receipt in bank.erasures()])
    audit = json.dumps([entry.to_json() for entry in memory.engine.store.audit("friends")], default=str)
    assert WORD not in (kept + audit).casefold()
    assert WORD not in dumped(where).casefold()
