"""The drop-in for mem0: its verbs, arguments and shapes, compared with the installed library."""

from __future__ import annotations

import asyncio
import inspect
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from mnemic.compat.mem0 import AsyncMemory, Memory

os.environ.setdefault("MEM0_TELEMETRY", "False")
theirs = pytest.importorskip("mem0.memory.main")

VERBS = ["add", "get", "get_all", "search", "update", "delete", "delete_all", "history", "reset", "chat"]
SECRET = "zebra-sentinel"


def options(folder: Path) -> dict[str, Any]:
    """A configuration that needs no weights."""
    return {"mnemic": {"path": str(folder / "agent.db"), "embedder": "hashing", "reranker": "overlap"}}


@pytest.fixture
def memory(tmp_path: Path) -> Iterator[Memory]:
    with Memory.from_config(options(tmp_path)) as made:
        yield made


class _Embedder:
    """Maps a text to the letters that it holds."""

    config = None

    def embed(self, text: str, memory_action: str | None = None) -> list[float]:
        return [float(text.lower().count(chr(97 + i % 26)) + 0.01) for i in range(64)]

    def embed_batch(self, texts: list[str], memory_action: str | None = None) -> list[list[float]]:
        return [self.embed(text) for text in texts]


@pytest.fixture
def original(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """mem0 itself, offline: a local vector store, and stand-ins for its models."""
    monkeypatch.setattr(theirs, "MEM0_TELEMETRY", False)
    monkeypatch.setattr(theirs.EmbedderFactory, "create", staticmethod(lambda *_: _Embedder()))
    monkeypatch.setattr(theirs.LlmFactory, "create", staticmethod(lambda *_: object()))
    store = {"path": str(tmp_path / "qdrant"), "embedding_model_dims": 64, "on_disk": True}
    config = {
        "vector_store": {"provider": "qdrant", "config": store},
        "history_db_path": str(tmp_path / "history.db"),
    }
    try:
        return theirs.Memory.from_config(config)
    except Exception as error:  # pragma: no cover - an installation without the local vector store
        pytest.skip(f"mem0 does not start offline here: {error}")


@pytest.mark.parametrize("verb", VERBS)
@pytest.mark.parametrize("ours", [Memory, AsyncMemory], ids=["sync", "async"])
def test_every_verb_takes_the_arguments_of_mem0(ours: type, verb: str) -> None:
    their_class = theirs.Memory if ours is Memory else theirs.AsyncMemory
    wanted = dict(inspect.signature(getattr(their_class, verb)).parameters)
    # AsyncMemory.add alone takes a LangChain model, which is taken and left unused.
    wanted.pop("llm", None)
    given = inspect.signature(getattr(ours, verb)).parameters
    assert list(given) == list(wanted)
    for name, parameter in wanted.items():
        assert given[name].kind == parameter.kind, name
        assert (given[name].default is inspect.Parameter.empty) == (parameter.default is inspect.Parameter.empty), name
        if isinstance(parameter.default, (str, int, float, bool, type(None))):
            assert given[name].default == parameter.default, name
    assert inspect.iscoroutinefunction(getattr(ours, verb)) == inspect.iscoroutinefunction(getattr(their_class, verb))


def _use(memory: Any) -> dict[str, Any]:
    """The same program against either."""
    chat = [
        {"role": "user", "name": "Anna", "content": "I drink green tea."},
        {"role": "assistant", "content": "Noted."},
    ]
    told: dict[str, Any] = {}
    told["add"] = memory.add(chat, user_id="anna", run_id="r1", metadata={"topic": "drinks"}, infer=False)
    memory.add("I live in Lisbon.", user_id="anna", infer=False)
    memory.add("I live in Oslo.", user_id="ben", infer=False)
    first = told["add"]["results"][0]["id"]
    told["get"] = memory.get(first)
    told["get_all"] = memory.get_all(filters={"user_id": "anna"})
    told["run"] = memory.get_all(filters={"user_id": "anna", "run_id": "r1"})
    told["search"] = memory.search("green tea", filters={"user_id": "anna"}, threshold=0.0)
    told["filtered"] = memory.search("tea", filters={"user_id": "anna", "topic": "drinks"}, threshold=0.0)
    told["update"] = memory.update(first, "I drink black tea.", metadata={"stars": 5})
    told["updated"] = memory.get(first)
    told["delete"] = memory.delete(first)
    told["gone"] = memory.get(first)
    told["history"] = memory.history(first)
    told["delete_all"] = memory.delete_all(user_id="anna")
    told["none"] = memory.get_all(filters={"user_id": "anna"})
    told["other"] = memory.get_all(filters={"user_id": "ben"})
    told["nobody"] = memory.search("tea", filters={"user_id": "nobody"})
    return told


def _shape(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _shape(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_shape(item) for item in value]
    return "number" if isinstance(value, (int, float)) else type(value).__name__


def test_results_have_the_shapes_of_mem0(memory: Memory, original: Any) -> None:
    ours, wanted = _use(memory), _use(original)
    for verb in ("update", "delete", "delete_all", "gone", "none", "nobody"):
        assert ours[verb] == wanted[verb], verb
    for verb in ("add", "get", "updated", "history", "other"):
        assert _shape(ours[verb]) == _shape(wanted[verb]), verb
    for verb in ("get_all", "run", "search", "filtered"):
        assert len(ours[verb]["results"]) == len(wanted[verb]["results"]), verb
        by_words = {item["memory"]: _shape(item) for item in wanted[verb]["results"]}
        assert {item["memory"]: _shape(item) for item in ours[verb]["results"]} == by_words, verb
    changes = ("event", "old_memory", "new_memory")
    assert [[e[c] for c in changes] for e in ours["history"]] == [[e[c] for c in changes] for e in wanted["history"]]


def test_a_user_is_a_wall(memory: Memory) -> None:
    memory.add("The code of the safe is 4711.", user_id="anna", agent_id="bot")
    for filters in ({"user_id": "ben"}, {"agent_id": "bot"}, {"user_id": "ben", "agent_id": "bot"}):
        assert memory.search("code of the safe", filters=filters, threshold=0.0)["results"] == []
        assert memory.get_all(filters=filters)["results"] == []
    found = memory.search("code", filters={"user_id": "anna", "agent_id": "bot"}, threshold=0.0)["results"]
    assert [item["agent_id"] for item in found] == ["bot"]


def test_what_was_deleted_does_not_come_back(memory: Memory, tmp_path: Path) -> None:
    scopes: list[dict[str, Any]] = [{"user_id": "anna"}, {"user_id": "anna", "run_id": "r1"}]
    for scope in scopes:
        memory.add(f"The password is {SECRET}.", **scope)
        memory.delete_all(**scope)
        assert not any(SECRET.encode() in path.read_bytes() for path in tmp_path.rglob("*") if path.is_file())
        memory.add("What did I tell you before?", **scope)
        everything = [
            memory.get_all(filters=scope), memory.search(SECRET, filters=scope, threshold=0.0),
            memory.search("password", filters=scope, threshold=0.0, explain=True),
        ]  # fmt: skip
        assert SECRET not in str(everything)
        bank = memory.memory.bank("user:anna", create=False)
        assert SECRET not in bank.recall("password").text


def test_bad_arguments_are_value_errors_that_say_what_to_give(memory: Memory) -> None:
    cases: list[tuple[Callable[[], Any], str]] = [
        (lambda: memory.search("x", user_id="anna"), "Top-level entity parameters"),
        (lambda: memory.search("x"), "must contain at least one"),
        (lambda: memory.search(" ", filters={"user_id": "a"}), "Invalid query"),
        (lambda: memory.search("x", filters={"user_id": "a"}, threshold=3), "Invalid threshold"),
        (lambda: memory.search("x", filters={"user_id": "a"}, top_k=-1), "Invalid top_k"),
        (lambda: memory.search("x", filters={"user_id": "a", "n": {"above": 1}}), "Unsupported metadata filter"),
        (lambda: memory.get_all(filters={"user_id": "two words"}), "Invalid user_id"),
        (lambda: memory.add("x"), "at least one of"),
        (lambda: memory.add("x", user_id="a", expiration_date="soon"), "YYYY-MM-DD"),
        (lambda: memory.add(5, user_id="a"), "messages must be"),
        (lambda: memory.update("none", "x"), "not found"),
        (lambda: memory.update("none"), "At least one of"),
        (lambda: memory.delete("none"), "not found"),
        (lambda: memory.delete_all(), "reset()"),
    ]
    for call, words in cases:
        with pytest.raises(ValueError, match=words.replace("(", r"\(").replace(")", r"\)")):
            call()
    assert memory.get("none") is None
    assert memory.history("none") == []


def test_filters_hold_before_ranking(memory: Memory) -> None:
    for i in range(30):
        memory.add(f"Ship {i} sailed.", user_id="anna", metadata={"number": i}, infer=False)
    few = memory.search("ship", filters={"user_id": "anna", "number": {"gte": 28}}, threshold=0.0, top_k=5)["results"]
    assert {item["metadata"]["number"] for item in few} == {28, 29}
    either = {"user_id": "anna", "OR": [{"number": 3}, {"number": {"in": [4]}}]}
    assert {i["metadata"]["number"] for i in memory.get_all(filters=either)["results"]} == {3, 4}


def test_expired_memories_are_hidden(memory: Memory) -> None:
    memory.add("The shop is closed.", user_id="anna", expiration_date="2020-01-01")
    memory.add("The shop is open.", user_id="anna", expiration_date="2999-01-01")
    scope = {"user_id": "anna"}
    assert len(memory.get_all(filters=scope)["results"]) == 1
    assert len(memory.get_all(filters=scope, show_expired=True)["results"]) == 2
    assert [i["memory"] for i in memory.search("shop", filters=scope, threshold=0.0)["results"]] == [
        "The shop is open."
    ]


def test_scores_fall_and_threshold_cuts(memory: Memory) -> None:
    memory.add(["x"] and [{"role": "user", "content": t} for t in ("green tea", "tea", "ships")], user_id="anna")
    found = memory.search("green tea", filters={"user_id": "anna"}, threshold=0.0)["results"]
    scores = [item["score"] for item in found]
    assert scores == sorted(scores, reverse=True)
    assert all(0 <= score <= 1 for score in scores)
    assert memory.search("green tea", filters={"user_id": "anna"}, threshold=1.0)["results"] == [
        item for item in found if item["score"] >= 1
    ]


def test_async(tmp_path: Path) -> None:
    async def main() -> None:
        async with AsyncMemory.from_config(options(tmp_path)) as memory:
            await asyncio.gather(*(memory.add(f"Ship {i}.", user_id="anna") for i in range(5)))  # type: ignore[attr-defined]
            assert len((await memory.get_all(filters={"user_id": "anna"}))["results"]) == 5  # type: ignore[attr-defined]
            await memory.reset()  # type: ignore[attr-defined]
            assert (await memory.get_all(filters={"user_id": "anna"}))["results"] == []  # type: ignore[attr-defined]

    asyncio.run(main())
