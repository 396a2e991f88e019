"""A bank on an endpoint that misbehaves in every way: whatever comes back, events are safe and the rest is told."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

import mnemic
from mnemic.config import Settings
from mnemic.core.task import task_named
from mnemic.memory import Memory
from mnemic.models.language.endpoint import EndpointModel
from tests.models.endpoint_server import Served, answers, serving

pytest.importorskip("pydantic_ai", reason="the extra 'models' is not installed")

Behaviour = Callable[[dict[str, Any], int], Served]
FACT: dict[str, Any] = {"text": "Anna moved to Lisbon", "turns": ["0"], "subject": "Anna", "attribute": "home"}
FACT |= {"value": "Lisbon", "entities": ["Lisbon"], "tags": ["home"], "importance": 0.8}


def wise(request: dict[str, Any], number: int) -> Served:
    """Answers the two tasks of the recipe by their schemas."""
    name = request["response_format"]["json_schema"]["name"]
    if name == "extract_facts":
        return Served(json.dumps({"records": [FACT]}))
    return Served(json.dumps({"operations": [{"event": "ADD", "fact": "0", "memory": "", "text": "", "reason": ""}]}))


@contextmanager
def memory_at(path: Path, url: str, **options: Any) -> Iterator[Memory]:
    model = EndpointModel("openai:fake", url=url, **{"pause": 0.01, "timeout": 5.0, "attempts": 2, **options})
    settings = Settings(embedder="hashing", reranker="overlap")
    with mnemic.open(path, settings=settings, language_model=model, seed=1) as memory:
        yield memory


def retained(memory: Memory) -> Any:
    bank = memory.bank("b", recipe="mem0")
    turn = {"role": "user", "actor": "Anna", "content": "I moved to Lisbon.", "id": "e1"}
    return bank.retain(turn, session="s", at="2026-06-02", close=True)


def test_a_model_that_answers_well(tmp_path: Path) -> None:
    with serving(wise) as endpoint, memory_at(tmp_path / "a.db", endpoint.url) as memory:
        written = retained(memory)
        assert (written.pending, len(written.records)) == (0, 1)
        assert "Lisbon" in memory.bank("b").recall("Where does Anna live?").text
        assert memory.bank("b").stats()["usage"]["write"]["calls"] == len(endpoint.requests)
        assert written.records[0] not in "".join(endpoint.prompts())


@pytest.mark.parametrize(
    ("behave", "says"),
    [
        (lambda r, n: Served("{}", delay=1.0), "no answer within"),
        (lambda r, n: Served(status=429, headers={"Retry-After": "0"}), "status 429"),
        (lambda r, n: Served(status=500), "status 500"),
        (lambda r, n: Served(status=400), "status 400"),
        (lambda r, n: Served(status=401), "refuses the key"),
        (answers("I am a teapot."), "no JSON object"),
        (answers({"records": "none"}), "expected a list"),
        (answers("x" * 1_000_000), "characters"),
        (answers('{"records": [' + "{" * 50_000), "JSON"),
    ],
    ids=["slow", "busy", "failing", "refusing", "key", "nonsense", "shape", "huge", "deep"],
)
def test_whatever_it_does_events_are_safe_and_work_goes_on(tmp_path: Path, behave: Behaviour, says: str) -> None:
    with serving(behave) as endpoint, memory_at(tmp_path / "a.db", endpoint.url, timeout=0.5) as memory:
        written = retained(memory)
        assert (written.added, written.records, written.pending) == (("e1",), (), 1)
        assert says in written.pending_reason
        stats = memory.bank("b").stats()
        assert (stats["events"], stats["records"], stats["waiting"]) == (1, 0, 1)
        assert stats["usage"]["write"]["failures"] == 1
        assert stats["usage"]["write"]["calls"] == len(endpoint.requests)
        assert memory.check() == []
    with serving(wise) as endpoint, memory_at(tmp_path / "a.db", endpoint.url) as memory:
        assert memory.bank("b").consolidate().pending == 0
        assert "Lisbon" in memory.bank("b").recall("Where does Anna live?").text


def test_wrong_aliases_are_left_out(tmp_path: Path) -> None:
    def behave(request: dict[str, Any], number: int) -> Served:
        if request["response_format"]["json_schema"]["name"] == "extract_facts":
            wrong = {**FACT, "text": "Anna owns the moon", "turns": ["99", "e1", "-1"]}
            return Served(json.dumps({"records": [wrong, FACT]}))
        return wise(request, number)

    with serving(behave) as endpoint, memory_at(tmp_path / "a.db", endpoint.url) as memory:
        assert retained(memory).pending == 0
        values = [record.value for record in memory.bank("b").list().records]
        assert values == ["Anna moved to Lisbon"]


def test_a_client_without_its_key_is_a_reason_and_no_loss(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    settings = Settings(embedder="hashing", reranker="overlap", language_model="openai:gpt-5-mini")
    with mnemic.open(tmp_path / "a.db", settings=settings) as memory:
        written = retained(memory)
    assert (written.added, written.pending) == (("e1",), 1)
    assert "OPENAI_API_KEY" in written.pending_reason


def test_a_process_that_is_killed_while_the_model_thinks_loses_nothing(tmp_path: Path) -> None:
    script = (
        "import mnemic, sys\n"
        "from mnemic.config import Settings\n"
        "m = mnemic.open(sys.argv[1], settings=Settings(embedder='hashing', reranker='overlap',"
        " language_model='openai:fake', language_model_url=sys.argv[2]))\n"
        "m.bank('b', recipe='mem0').retain({'role': 'user', 'actor': 'Anna', 'content': 'I moved to Lisbon.',"
        " 'id': 'e1'}, session='s', close=True)\n"
    )
    with serving(lambda request, number: Served("{}", delay=30)) as endpoint:
        process = subprocess.Popen(
            [sys.executable, "-c", script, str(tmp_path / "a.db"), endpoint.url], env={**os.environ}
        )
        until = time.monotonic() + 60
        while not endpoint.requests and time.monotonic() < until:
            time.sleep(0.02)
        process.send_signal(signal.SIGKILL)
        process.wait()
        assert endpoint.requests
    with serving(wise) as endpoint, memory_at(tmp_path / "a.db", endpoint.url) as memory:
        bank = memory.bank("b")
        assert bank.stats()["waiting"] == 1
        assert memory.check() == []
        assert bank.consolidate().pending == 0
        assert "Lisbon" in bank.recall("Where does Anna live?").text


def test_a_bank_works_with_the_small_local_model(tmp_path: Path) -> None:
    from mnemic.core.errors import ModelUnavailable
    from mnemic.models.language.smollm2 import weights

    pytest.importorskip("xllamacpp", reason="the extra 'smollm2' is not installed")
    try:
        weights()
    except ModelUnavailable as error:
        pytest.skip(str(error))
    settings = Settings(
        embedder="hashing", reranker="overlap", language_model="smollm2", language_model_call_tokens=4000
    )
    task = task_named("need_memory")
    with mnemic.open(tmp_path / "a.db", settings=settings) as memory:
        memory.bank("b", recipe="bm25")
        with memory.engine.view("b") as view:
            first = view.tools.ask(task.name, {"question": "Where do I live?"})
            assert view.tools.ask(task.name, {"question": "Where do I live?"}) == first
            assert view.tools.calls == 1
        usage = memory.bank("b").stats()["usage"]["read"]
    assert (usage["calls"], usage["cached"]) == (1, 1)
    assert 0 < usage["tokens_in"] + usage["tokens_out"] <= 4000
