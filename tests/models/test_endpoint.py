"""Endpoints that work, are slow, down, busy, or talk nonsense: a clear result, and everything counted."""

from __future__ import annotations

import json
import socket
import threading
import time
import warnings
from typing import Any

import pytest

from mnemic.core.errors import BadInput, Malformed, ModelFailure, ModelUnavailable, TooLarge
from mnemic.core.task import task_named
from mnemic.core.usage import Usage
from mnemic.models.language.endpoint import EndpointModel
from tests.models.endpoint_server import Endpoint, Served, answers, serving

pytest.importorskip("pydantic_ai", reason="the extra 'models' is not installed")

NEED = task_named("need_memory")
QUESTION = {"question": "Where do I live?"}


def model_at(endpoint: Endpoint, **settings: Any) -> EndpointModel:
    return EndpointModel("openai:fake", url=endpoint.url, **{"pause": 0.01, "timeout": 10.0, **settings})


def test_an_answer_comes_with_its_usage_and_was_asked_for_by_schema() -> None:
    with serving(answers({"need": True})) as endpoint:
        reply = model_at(endpoint).ask(NEED, QUESTION)
    assert (reply.answer, reply.usage) == ({"need": True}, Usage(1, 0, 100, 20))
    (request,) = endpoint.requests
    assert request["response_format"]["json_schema"]["schema"]["properties"]["need"]["type"] == "boolean"
    assert 0 < (request.get("max_tokens") or request["max_completion_tokens"]) <= 1000
    assert request["temperature"] == 0


@pytest.mark.parametrize("nonsense", ["Sure, I would love to!", '{"need": "perhaps"}', '{"nothing": 1}', "[[[[[[", ""])
def test_an_answer_of_wrong_shape_is_repaired_once(nonsense: str) -> None:
    with serving(answers(nonsense, {"need": False})) as endpoint:
        reply = model_at(endpoint).ask(NEED, QUESTION)
    assert reply.answer == {"need": False}
    assert reply.usage == Usage(2, 0, 200, 40)
    assert "That cannot be used" in endpoint.prompts()[1]


def test_nonsense_twice_is_malformed_and_was_paid_for() -> None:
    with serving(answers("nonsense")) as endpoint, pytest.raises(Malformed) as caught:
        model_at(endpoint).ask(NEED, QUESTION)
    assert caught.value.usage == Usage(2, 0, 200, 40)
    assert len(endpoint.requests) == 2


@pytest.mark.parametrize("text", ["x" * 2_000_000, '{"need": ' + "[" * 100_000, '{"need": "\\ud800"}', '{"need": NaN}'])
def test_huge_and_odd_answers_are_malformed(text: str) -> None:
    with serving(answers(text)) as endpoint, pytest.raises(Malformed):
        model_at(endpoint).ask(NEED, QUESTION)
    assert len(endpoint.requests) == 2
    assert len(endpoint.prompts()[1]) < 20_000


def test_lone_surrogates_and_nul_are_no_text() -> None:
    with serving(answers('{"text": "\\ud800"}', '{"text": "a\\u0000b"}')) as endpoint, pytest.raises(Malformed):
        model_at(endpoint).ask(task_named("fold"), {"text": "", "new": ["a"], "count": 1, "tokens": 40})


def test_busy_and_failing_endpoints_are_tried_again() -> None:
    def behave(request: dict[str, Any], number: int) -> Served:
        return [Served(status=429, headers={"Retry-After": "0"}), Served(status=503), Served('{"need": true}')][number]

    with serving(behave) as endpoint:
        reply = model_at(endpoint).ask(NEED, QUESTION)
    assert reply.usage == Usage(3, 0, 100, 20)


def test_retry_after_is_waited_for() -> None:
    def behave(request: dict[str, Any], number: int) -> Served:
        return Served(status=429, headers={"Retry-After": "1"}) if number == 0 else Served('{"need": true}')

    with serving(behave) as endpoint:
        started = time.monotonic()
        model_at(endpoint).ask(NEED, QUESTION)
        assert time.monotonic() - started >= 1


def test_a_long_retry_after_is_left_to_a_later_write() -> None:
    behave = lambda request, number: Served(status=429, headers={"Retry-After": "3600"})  # noqa: E731
    with serving(behave) as endpoint, pytest.raises(ModelFailure, match="status 429") as caught:
        model_at(endpoint).ask(NEED, QUESTION)
    assert len(endpoint.requests) == 1
    assert caught.value.retry_after == 3600


def test_failures_end_after_the_attempts_and_are_counted() -> None:
    with serving(lambda request, number: Served(status=500)) as endpoint, pytest.raises(ModelFailure) as caught:
        model_at(endpoint, attempts=2).ask(NEED, QUESTION)
    assert "status 500" in str(caught.value)
    assert caught.value.usage == Usage(calls=2)
    assert len(endpoint.requests) == 2


def test_a_refusal_is_not_tried_again_and_shows_no_key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "very-secret-word")
    behave = lambda request, number: Served(status=400, message="bad very-secret-word sk-abcdefgh")  # noqa: E731
    with serving(behave) as endpoint, pytest.raises(ModelFailure) as caught:
        model_at(endpoint).ask(NEED, QUESTION)
    assert len(endpoint.requests) == 1
    assert "[key]" in str(caught.value)
    assert "secret" not in str(caught.value)
    assert "sk-" not in str(caught.value)
    with serving(lambda request, number: Served(status=401)) as endpoint, pytest.raises(ModelFailure) as caught:
        model_at(endpoint).ask(NEED, QUESTION)
    assert "OPENAI_API_KEY" in str(caught.value)


def test_a_slow_endpoint_costs_one_timeout() -> None:
    with serving(lambda request, number: Served("{}", delay=5.0)) as endpoint:
        started = time.monotonic()
        with pytest.raises(ModelFailure, match="no answer within"):
            model_at(endpoint, timeout=0.3).ask(NEED, QUESTION)
        assert time.monotonic() - started < 4
    assert len(endpoint.requests) == 1


def test_a_refused_connection_is_a_clear_failure() -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with pytest.raises(ModelFailure, match="cannot be reached"):
        EndpointModel("openai:fake", url=f"http://127.0.0.1:{port}/v1", pause=0.01).ask(NEED, QUESTION)


def test_requests_at_a_time_are_bounded() -> None:
    with serving(lambda request, number: Served('{"need": true}', delay=0.05)) as endpoint:
        model = model_at(endpoint, concurrency=2)
        threads = [threading.Thread(target=model.ask, args=(NEED, QUESTION)) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert len(endpoint.requests) == 8
    assert endpoint.most_within <= 2


def test_a_call_over_its_budget_is_not_sent() -> None:
    with serving(answers({"need": True})) as endpoint:
        with pytest.raises(TooLarge, match="language_model_call_tokens"):
            model_at(endpoint, call_tokens=2000).ask(NEED, {"question": "word " * 3000})
        assert endpoint.requests == []


def test_what_is_asked_for_stays_within_the_call() -> None:
    turns = [{"alias": "0", "speaker": "Anna", "text": "I moved to Lisbon."}]
    with serving(answers({"records": []})) as endpoint:
        model_at(endpoint, call_tokens=3000).ask(task_named("extract_facts"), {"turns": turns})
        request = endpoint.requests[0]
    assert (request.get("max_tokens") or request["max_completion_tokens"]) < 3000


def test_other_protocols_are_spoken_too(monkeypatch: pytest.MonkeyPatch) -> None:
    """Anthropic, Google and Ollama as far as their clients can be pointed at a server of ours."""
    for name in ("ANTHROPIC_API_KEY", "GOOGLE_API_KEY", "OLLAMA_API_KEY"):
        monkeypatch.setenv(name, "test-key")
    for name in ("anthropic:claude-haiku-4-5", "google-gla:gemini-3-flash", "ollama:qwen3"):
        with serving(answers({"need": True})) as endpoint:
            url = endpoint.url if name.startswith("ollama") else endpoint.url.removesuffix("/v1")
            reply = EndpointModel(name, url=url, pause=0.01, timeout=10.0).ask(NEED, QUESTION)
        assert reply.answer == {"need": True}
        assert reply.usage == Usage(1, 0, 100, 20)
        assert "need" in json.dumps(endpoint.requests[0])


@pytest.mark.parametrize("name", ["gpt-5-mini", "gpt-4o-mini"])
def test_openai_itself_is_asked_by_its_own_protocol(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "test-key")
    with serving(answers({"need": True})) as endpoint:
        monkeypatch.setenv("OPENAI_BASE_URL", endpoint.url)
        with warnings.catch_warnings():
            warnings.simplefilter("error", UserWarning)
            reply = EndpointModel(f"openai:{name}", pause=0.01, timeout=10.0).ask(NEED, QUESTION)
    assert (reply.answer, reply.usage) == ({"need": True}, Usage(1, 0, 100, 20))
    (request,) = endpoint.requests
    assert request["text"]["format"]["schema"]["properties"]["need"]["type"] == "boolean"
    assert ("temperature" in request) == (name == "gpt-4o-mini")
    assert 0 < request["max_output_tokens"] <= 3000
    sent = {key.lower(): value for key, value in endpoint.headers[0].items()}
    assert sent["authorization"] == "Bearer test-key"


def test_a_model_without_native_output_calls_a_tool() -> None:
    from pydantic_ai.messages import ModelResponse, ToolCallPart
    from pydantic_ai.models.function import FunctionModel
    from pydantic_ai.profiles import ModelProfile

    def call(messages: Any, info: Any) -> ModelResponse:
        (tool,) = info.output_tools
        return ModelResponse([ToolCallPart(tool.name, {"need": True})])

    client = FunctionModel(call, profile=ModelProfile(supports_json_schema_output=False, supports_tools=True))
    assert EndpointModel("test:tools", client=client).ask(NEED, QUESTION).answer == {"need": True}


def test_names_are_checked_and_missing_keys_named(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(BadInput, match="provider:name"):
        EndpointModel("gpt")
    with pytest.raises(BadInput, match="nowhere"):
        EndpointModel("nowhere:gpt").ask(NEED, QUESTION)
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    with pytest.raises(ModelUnavailable, match="OPENAI_API_KEY"):
        EndpointModel("openai:gpt-5-mini").ask(NEED, QUESTION)
