"""The store for LangGraph: compared with LangGraph's own in-memory store, and in a compiled graph."""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, TypedDict

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import mnemic
from mnemic.core.chance import ManualClock
from mnemic.core.errors import BadInput
from mnemic.memory import Memory

pytest.importorskip("langgraph")

from langgraph.graph import END, START, StateGraph
from langgraph.store.base import BaseStore, InvalidNamespaceError, PutOp
from langgraph.store.memory import InMemoryStore

from mnemic.compat.langgraph import MnemicStore

ANNA = ("memories", "anna")


@pytest.fixture
def store(memory: Memory) -> MnemicStore:
    return MnemicStore(memory)


def test_what_is_put_is_there_until_deleted(store: MnemicStore) -> None:
    store.put(ANNA, "home", {"text": "Anna lives in Lisbon", "stars": 4})
    item = store.get(ANNA, "home")
    assert item is not None
    assert (item.value, item.key, item.namespace) == ({"text": "Anna lives in Lisbon", "stars": 4}, "home", ANNA)
    store.put(ANNA, "home", {"text": "Anna lives in Porto"})
    changed = store.get(ANNA, "home")
    assert changed is not None
    assert changed.value == {"text": "Anna lives in Porto"}
    assert changed.created_at == item.created_at
    assert changed.updated_at > item.updated_at
    store.delete(ANNA, "home")
    assert store.get(ANNA, "home") is None
    assert store.search(ANNA) == []
    store.put(ANNA, "home", {"text": "again"})
    assert store.get(ANNA, "home") is not None
    assert store.get(("memories", "ben"), "home") is None


def test_search_by_meaning_needs_no_index(store: MnemicStore) -> None:
    store.put(ANNA, "tea", {"text": "She drinks green tea"})
    store.put(ANNA, "home", {"text": "She lives in Lisbon"})
    store.put(ANNA, "hidden", {"text": "green tea, not indexed"}, index=False)
    store.put(("memories", "ben"), "tea", {"text": "He drinks green tea"})
    found = store.search(ANNA, query="green tea", limit=2)
    assert found[0].key == "tea"
    assert found[0].score is not None
    assert {item.namespace for item in store.search(("memories",), query="green tea")} == {ANNA, ("memories", "ben")}
    assert store.search(ANNA, query="green tea")[-1].key == "hidden"
    assert store.search(("nothing",), query="tea") == []


def test_filters_hold_before_ranking(store: MnemicStore) -> None:
    for i in range(20):
        store.put(ANNA, f"k{i}", {"text": "a ship", "n": i, "deep": {"even": i % 2 == 0}})
    assert {item.value["n"] for item in store.search(ANNA, query="ship", filter={"n": {"$gte": 18}})} == {18, 19}
    assert len(store.search(ANNA, filter={"deep": {"even": True}}, limit=100)) == 10
    assert len(store.search(ANNA, filter={"n": {"$lt": 5, "$ne": 3}}, limit=3, offset=2)) == 2
    with pytest.raises(ValueError, match="operator"):
        store.search(ANNA, filter={"n": {"$near": 3}})


LABELS = st.sampled_from(["a", "b", "c"])
PATHS = st.lists(LABELS, min_size=1, max_size=3).map(tuple)
PUTS = st.lists(st.tuples(PATHS, LABELS, st.none() | st.integers(0, 3).map(lambda n: {"n": n})), max_size=8)


@settings(max_examples=25)
@given(PUTS, PATHS, st.integers(1, 3))
def test_it_does_what_the_in_memory_store_does(puts: list[Any], path: tuple[str, ...], depth: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        memory = mnemic.open(folder + "/a.db", embedder="hashing", reranker="overlap")
        ours, theirs = MnemicStore(memory), InMemoryStore()
        for store in (ours, theirs):
            store.batch([PutOp(namespace, key, value) for namespace, key, value in puts])
        for namespace, key, _ in puts:
            one, other = ours.get(namespace, key), theirs.get(namespace, key)
            assert (one and one.value) == (other and other.value)

        def seen(store: BaseStore) -> list[Any]:
            found = store.search(path, limit=100)
            return sorted((item.namespace, item.key, item.value["n"]) for item in found)

        assert seen(ours) == seen(theirs)
        # The in-memory store goes on listing a namespace of which all items are gone.
        held = {item.namespace for item in theirs.search((), limit=1000)}
        listed = {ns for ns in theirs.list_namespaces(prefix=path, limit=1000) if ns in held}
        assert set(ours.list_namespaces(prefix=path, limit=1000)) == listed
        assert set(ours.list_namespaces(max_depth=depth, limit=1000)) == {ns[:depth] for ns in held}
        memory.close()


def test_namespaces_are_matched(store: MnemicStore) -> None:
    for namespace in [("a", "x", "v1"), ("a", "y", "v1"), ("b", "x", "v2")]:
        store.put(namespace, "k", {"n": 1})
    assert store.list_namespaces(prefix=("a",)) == [("a", "x", "v1"), ("a", "y", "v1")]
    assert store.list_namespaces(prefix=("*", "x")) == [("a", "x", "v1"), ("b", "x", "v2")]
    assert store.list_namespaces(suffix=("v1",), limit=1, offset=1) == [("a", "y", "v1")]
    assert store.list_namespaces(max_depth=1) == [("a",), ("b",)]


def test_bad_input_is_refused_and_nothing_written(store: MnemicStore) -> None:
    for namespace in ((), ("a.b",), ("",)):
        with pytest.raises(InvalidNamespaceError):
            store.put(namespace, "k", {"n": 1})
    with pytest.raises(BadInput, match="no JSON"):
        store.batch([PutOp(ANNA, "good", {"n": 1}), PutOp(ANNA, "bad", {"n": object()})])
    with pytest.raises(BadInput, match="at most"):
        store.put(ANNA, "large", {"text": "x" * (2 << 20)})
    assert store.search(ANNA) == []


def test_items_expire_and_reading_puts_it_off(opened: Callable[..., Memory], tmp_path: Path) -> None:
    clock = ManualClock(datetime(2026, 1, 1, tzinfo=UTC))
    store = MnemicStore(opened(tmp_path / "a.db", clock=clock), ttl={"default_ttl": None, "refresh_on_read": True})
    store.put(ANNA, "short", {"n": 1}, ttl=10)
    store.put(ANNA, "long", {"n": 2})

    def later(minutes: int) -> None:
        clock.advance(timedelta(minutes=minutes))

    later(8)
    assert store.get(ANNA, "short") is not None
    later(8)
    assert store.get(ANNA, "short", refresh_ttl=False) is not None
    later(8)
    assert store.get(ANNA, "short") is None
    assert [item.key for item in store.search(ANNA)] == ["long"]
    assert store.sweep_ttl() == 1
    assert store.sweep_ttl() == 0


def test_a_bank_a_user_is_a_wall(memory: Memory) -> None:
    store = MnemicStore(memory, user_at=1)
    store.put(ANNA, "k", {"text": "Anna's garden"})
    store.put(("memories", "ben"), "k", {"text": "Ben's garden"})
    assert {row.name for row in memory.banks()} == {"langgraph:anna", "langgraph:ben"}
    assert [item.value["text"] for item in store.search(ANNA, query="garden")] == ["Anna's garden"]
    with pytest.raises(BadInput, match="does not say the user"):
        store.search(("memories",), query="garden")
    assert store.list_namespaces() == [ANNA, ("memories", "ben")]


class State(TypedDict):
    question: str
    answer: str


def test_in_a_compiled_graph(store: MnemicStore) -> None:
    def remember(state: State, *, store: BaseStore) -> dict[str, str]:
        store.put(ANNA, "home", {"text": "Anna lives in Lisbon"})
        return {}

    async def look_up(state: State, *, store: BaseStore) -> dict[str, str]:
        found = await store.asearch(ANNA, query=state["question"], limit=1)
        return {"answer": found[0].value["text"]}

    builder = StateGraph(State)
    builder.add_node("remember", remember)
    builder.add_node("look_up", look_up)
    builder.add_edge(START, "remember")
    builder.add_edge("remember", "look_up")
    builder.add_edge("look_up", END)
    graph = builder.compile(store=store)
    told = asyncio.run(graph.ainvoke({"question": "Where does Anna live?", "answer": ""}))
    assert told["answer"] == "Anna lives in Lisbon"


def test_async_verbs(store: MnemicStore) -> None:
    async def main() -> None:
        await asyncio.gather(*(store.aput(ANNA, f"k{i}", {"n": i}) for i in range(8)))
        assert len(await store.asearch(ANNA, limit=20)) == 8
        await store.adelete(ANNA, "k0")
        assert await store.aget(ANNA, "k0") is None
        assert await store.alist_namespaces() == [ANNA]

    asyncio.run(main())
