"""Erasure as a job: in the name of who asked, once however often it is broken off, and with no word left in the job."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from typing import Any

import pytest

from mnemic.core.acting import Acting
from mnemic.core.chance import SystemClock
from mnemic.core.erasure import ErasureReceipt
from mnemic.core.errors import BadInput, Denied
from mnemic.engine.erasing import erase as erasing
from mnemic.guarded import GuardedMemory
from mnemic.jobs.opening import queue_of
from mnemic.jobs.worker import Worker
from mnemic.memory import Memory
from mnemic.store.folder import FolderStore
from mnemic.store.postgres.store import PostgresStore
from mnemic.store.routed import RoutedStore
from tests.held import bytes_at

Opened = Callable[..., Memory]
#: Long enough to be looked for byte by byte, and what is looked for below.
NAME = "Karenina-Oblonskaya"
SAID = [
    {"id": "karenina-event-0001", "role": "user", "actor": NAME, "content": "The cobalt heron nests in Quaxwell."},
    {"id": "ben-event-0002", "role": "user", "actor": "Ben", "content": "Sardines are best from the harbour market."},
    {"id": "karenina-event-0003", "role": "user", "actor": NAME, "content": "My lighthouse overlooks Zanzibar."},
    {"id": "ben-event-0004", "role": "user", "actor": "Ben", "content": f"I wrote {NAME} a letter about trains."},
]
#: What must be in no byte of the store afterwards.
WORDS = (b"cobalt", b"Quaxwell", b"lighthouse", b"karenina-event", NAME.encode())


class Killed(BaseException):
    """Stands for a kill -9: nothing behind it is done, and nothing is said."""


#: Stores for what is the same on all queues but the two kinds of them.
TWO = pytest.mark.parametrize("where", ["one-file", "postgres18"], indirect=True)
THREE = pytest.mark.parametrize("where", ["one-file", "file-a-bank", "postgres18"], indirect=True)


@pytest.fixture
def memory(where: str, opened: Opened) -> Memory:
    memory = opened(where, clock=SystemClock(), language_model="rules")
    # By this recipe a session is formed as a whole, so that what is left of it is formed anew.
    memory.bank("friends", "rsum").retain(SAID, session="s1", at="2026-06-01", close=True)
    return memory


def as_an(memory: Memory, role: str, bank: str = "friends") -> GuardedMemory:
    """The memory as somebody with a role."""
    owner = memory.acting(Acting())
    key, _ = owner.create_key("somebody")
    owner.give(key.principal, bank, role)
    return memory.acting(Acting(principal=key.principal))


def bytes_of(memory: Memory, where: str) -> bytes:
    """All that the store holds on its servers or in its files."""
    store = memory.engine.store
    if not isinstance(store, RoutedStore):
        return bytes_at(where)
    addresses = [where.removeprefix("directory+"), *(server.dsn for server in store.directory.servers())]
    return b"".join(bytes_at(address) for address in addresses)


@contextmanager
def killed_at(monkeypatch: pytest.MonkeyPatch, place: str) -> Iterator[None]:
    """A kill where an erasure calls something of its module."""

    def kill(*_: object, **__: object) -> ErasureReceipt:
        raise Killed

    with monkeypatch.context() as patched:
        patched.setattr(erasing, place, kill)
        yield


def attempt(memory: Memory) -> None:
    """What a worker does until it is killed: it leaves nothing behind, and its heart stops."""
    from mnemic.jobs.attempt import Attempt

    queue = queue_of(memory.engine.store, memory.engine.clock)
    job = queue.take("killed")
    assert job is not None
    with pytest.raises(Killed):
        Attempt(memory, job, SystemClock()).run(lambda *_: None)
    # As if its hold were over.
    _forgotten(memory)


def _forgotten(memory: Memory) -> None:
    home: Any = memory.engine.store.jobs_home()
    if isinstance(home, PostgresStore):
        with home.connections.writing() as session:
            session.run("UPDATE procrastinate_workers SET last_heartbeat = now() - interval '1 hour'")
        queue: Any = queue_of(memory.engine.store, memory.engine.clock)
        queue._looked.clear()
        return
    with home._beside("") if isinstance(home, FolderStore) else nullcontext(home) as store, store.write() as connection:
        connection.execute("UPDATE jobs SET until = 0 WHERE state = 'running'")


def test_it_is_done_in_the_name_of_who_asked_and_keeps_no_word(memory: Memory, where: str) -> None:
    eraser = as_an(memory, "eraser")
    options = {"person": NAME, "mentions": True, "reason": "r-17"}
    asked = eraser.enqueue("erase", "friends", options)
    assert eraser.enqueue("erase", "friends", options).id == asked.id
    assert [job.id for job in eraser.jobs("friends")] == [asked.id]
    assert Worker(memory).run(once=True) == {"done": 1}
    (receipt,) = memory.bank("friends").erasures()
    assert (receipt.who, receipt.reason, receipt.events) == (eraser.acting.principal, "r-17", 3)
    assert receipt.clean, receipt.verification
    assert memory.bank("friends").erasure_holds(receipt)
    (job,) = memory.jobs("friends")
    assert (job.state, job.body["options"]) == ("done", {})
    told = {name: job.result[name] for name in ("erasure", "events", "clean")}
    assert told == {"erasure": receipt.id, "events": 3, "clean": True}
    held = bytes_of(memory, where)
    assert [word for word in WORDS if word in held] == []
    assert memory.check() == []


@TWO
def test_who_may_not_erase_may_not_ask_for_it(memory: Memory) -> None:
    for role in ("reader", "editor", "keyholder"):
        with pytest.raises(Denied):
            as_an(memory, role).enqueue("erase", "friends", {"person": NAME})
    with pytest.raises(Denied):
        as_an(memory, "eraser").enqueue("erase", "friends", {"person": NAME, "branches": True})
    for options, named in (
        ({}, "say what"),
        ({"everything": True, "person": NAME}, "everything"),
        ({"events": []}, "events"),
        ({"events": [1]}, "events"),
        ({"during": ["2026-01-01"]}, "during"),
        ({"during": ["2027-01-01", "2026-01-01"]}, "during"),
        ({"person": NAME, "erasure": "x"}, "erasure"),
        ({"person": "a\0b"}, "person"),
    ):
        with pytest.raises(BadInput, match=named):
            memory.enqueue("erase", "friends", options)
    assert memory.jobs() == []


@TWO
def test_a_right_that_was_taken_away_meanwhile_is_asked_for_again(memory: Memory) -> None:
    eraser = as_an(memory, "eraser")
    eraser.enqueue("erase", "friends", {"person": NAME})
    owner = memory.acting(Acting())
    for grant in owner.grants():
        owner.take(grant.id)
    assert Worker(memory).run(once=True) == {"failed": 1}
    (job,) = memory.jobs("friends")
    assert "no grant" in job.result["reason"]
    assert NAME not in str(job)
    assert memory.bank("friends").stats()["events"] == 4


BY_ID: dict[str, Any] = {"events": ["karenina-event-0001", "karenina-event-0003"]}
BY_NAME: dict[str, Any] = {"person": NAME}


@THREE
@pytest.mark.parametrize(
    ("place", "options"),
    [("form_anew", BY_NAME), ("_erasure", BY_ID), ("branches_of", BY_ID), ("branches_of", BY_NAME), ("cleaned", BY_ID)],
)
def test_killed_anywhere_it_is_done_once(
    memory: Memory, where: str, monkeypatch: pytest.MonkeyPatch, place: str, options: dict[str, Any]
) -> None:
    bank = memory.bank("friends")
    memory.enqueue("erase", "friends", options)
    with killed_at(monkeypatch, place):
        attempt(memory)
    Worker(memory).run(once=True)
    (job,) = memory.jobs("friends")
    assert (job.state, job.tries) == ("done", 2), job
    (receipt,) = bank.erasures()
    assert (receipt.state, receipt.events, job.result["erasure"]) == ("done", 2, receipt.id)
    assert [event.id for event in bank.events()] == ["ben-event-0002", "ben-event-0004"]
    held = bytes_of(memory, where)
    assert [word for word in WORDS[:-1] if word in held] == []
    assert memory.check() == []


@THREE
def test_ids_that_are_gone_leave_what_waits_for_others(memory: Memory, where: str) -> None:
    memory.enqueue("erase", "friends", {"events": ["karenina-event-0001"]})
    memory.enqueue("erase", "friends", {"events": ["karenina-event-0001", "ben-event-0002"], "reason": "two"})
    memory.enqueue("erase", "friends", {"events": ["karenina-event-0001"], "reason": "three"})
    assert Worker(memory).run(once=True) == {"done": 3}
    bank = memory.bank("friends")
    assert [event.id for event in bank.events()] == ["karenina-event-0003", "ben-event-0004"]
    assert [receipt.clean for receipt in bank.erasures()] == [True, True]
    assert [receipt.events for receipt in bank.erasures()] == [1, 1]
    held = bytes_of(memory, where)
    assert b"karenina-event-0001" not in held
    assert b"ben-event-0002" not in held


@TWO
def test_branches_are_erased_with_it_also_when_it_was_broken_off(
    memory: Memory, monkeypatch: pytest.MonkeyPatch
) -> None:
    memory.branch("friends", "copy")
    memory.enqueue("erase", "friends", {"person": NAME, "branches": True})
    with killed_at(monkeypatch, "branches_of"):
        attempt(memory)
    assert len(memory.bank("copy").events()) == 4
    assert Worker(memory).run(once=True) == {"done": 1}
    for name in ("friends", "copy"):
        bank = memory.bank(name)
        assert [event.id for event in bank.events()] == ["ben-event-0002", "ben-event-0004"]
        assert [receipt.state for receipt in bank.erasures()] == ["done"]
