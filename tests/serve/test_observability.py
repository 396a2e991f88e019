"""What watchers are told: every stage, counts, requests; and never a word of content."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from fastapi.testclient import TestClient
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from mnemic.core import observing
from mnemic.memory import Memory
from mnemic.serve.app import create_app
from mnemic.serve.logging import JsonLines
from mnemic.serve.tracing import Tracing

WORD = "heliotrope"


@pytest.fixture
def spans() -> Iterator[InMemorySpanExporter]:
    exporter = InMemorySpanExporter()
    provider = TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    tracing = Tracing(provider.get_tracer("mnemic"), MeterProvider().get_meter("mnemic"))
    observing.observe(tracing)
    yield exporter
    observing.unobserve(tracing)


def test_what_fails_is_marked_and_its_message_is_not_told(spans: InMemorySpanExporter) -> None:
    with pytest.raises(ValueError, match=WORD), observing.span("verb", "retain"):
        raise ValueError(f"no {WORD} here")
    (failed,) = spans.get_finished_spans()
    assert failed.attributes is not None
    assert failed.attributes["error.type"] == "ValueError"
    assert not failed.status.is_ok
    assert WORD not in failed.to_json()


def test_a_write_that_no_request_waits_for_is_no_trace(spans: InMemorySpanExporter) -> None:
    with observing.span("store", "write"):
        pass
    assert not spans.get_finished_spans()


def test_each_stage_is_a_span_and_none_holds_content(
    opened: Callable[..., Memory], tmp_path: Path, spans: InMemorySpanExporter
) -> None:
    bank = opened(tmp_path / "agent.db").bank("anna", recipe="hybrid")
    bank.retain(f"The garden has {WORD}.")
    bank.recall(f"Where is {WORD}?")
    told = spans.get_finished_spans()
    stages = {stage.name for chain in (bank.recipe.formation, bank.recipe.read(None)) for stage in chain.stages()}
    watched = {span.name.removeprefix("stage ") for span in told if span.name.startswith("stage ")}
    assert watched <= stages
    assert {"dense", "lexical", "turn_record"} <= watched
    assert {"store read", "embedder documents", "embedder query"} <= {span.name for span in told}
    assert all(WORD not in span.to_json() and "anna" not in span.to_json() for span in told)


def test_figures_count_requests_events_and_recalls(opened: Callable[..., Memory], tmp_path: Path) -> None:
    memory = opened(tmp_path / "agent.db")
    with TestClient(create_app(memory), base_url="http://127.0.0.1") as http:
        assert http.put("/v1/banks/anna", json={}).status_code < 300
        body = {"messages": [{"role": "user", "content": f"The garden has {WORD}."}]}
        assert http.post("/v1/banks/anna/events", json=body).status_code < 300
        assert http.post("/v1/banks/anna/recall", json={"question": f"Where is {WORD}?"}).status_code == 200
        text = http.get("/metrics").text
    assert "mnemic_events_retained_total" in text
    assert "mnemic_recalls_total" in text
    assert 'route="/banks/{bank}/recall",status="200"' in text
    assert WORD not in text
    assert "anna" not in text


def test_logs_are_lines_of_json_without_content(
    opened: Callable[..., Memory], tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with (
        caplog.at_level(logging.INFO, "mnemic"),
        TestClient(create_app(opened(tmp_path / "agent.db")), base_url="http://127.0.0.1") as http,
    ):
        http.get(f"/v1/banks/{WORD}/events?session={WORD}")
    lines = [json.loads(JsonLines().format(record)) for record in caplog.records if record.name.startswith("mnemic")]
    assert lines
    assert WORD not in json.dumps(lines)
