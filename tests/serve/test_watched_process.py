"""``mnemic serve`` as those see it who watch: its collector, its monitor, its log; and what they never see."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
from prometheus_client.parser import text_string_to_metric_families

import mnemic
from mnemic.core.acting import Acting
from tests.serve.collector import Collector, collecting

#: Stands in every place where a caller may say something: no watcher may be shown it.
WORD = "heliotrope"


@dataclass
class Watched:
    """A process that is watched; its log is whole once it has ended."""

    http: httpx.Client
    collector: Collector
    log: Path
    key: str


@contextmanager
def watched(folder: Path) -> Iterator[Watched]:
    """A process with a bank of one's own name, a key, and a collector; what it has sent is there at the end."""
    store = folder / "agent.db"
    with mnemic.open(store, embedder="hashing", reranker="overlap") as memory:
        owner = memory.acting(Acting())
        key, text = owner.create_key(WORD)
        owner.give(key.principal, "*", "owner")
    with collecting() as collector, (folder / "log").open("w") as log:
        environment = {"MNEMIC_EMBEDDER": "hashing", "MNEMIC_RERANKER": "overlap"}
        process = subprocess.Popen(
            [sys.executable, "-m", "mnemic.cli", "serve", "--store", str(store), "--port", "0", "--json"],
            env=os.environ | environment | {"OTEL_EXPORTER_OTLP_ENDPOINT": collector.url},
            stdout=subprocess.PIPE,
            stderr=log,
            text=True,
        )
        try:
            assert process.stdout is not None
            url = json.loads(process.stdout.readline())["url"]
            with httpx.Client(base_url=url, timeout=60, headers={"Authorization": f"Bearer {text}"}) as http:
                yield Watched(http, collector, folder / "log", text)
        finally:
            process.terminate()
            process.wait(60)


def every_request(http: httpx.Client) -> Iterator[httpx.Response]:
    """A request to each route, with the word in all that can be said."""
    said = {
        "messages": [{"id": WORD, "role": "user", "actor": WORD, "content": f"My {WORD} is at {WORD}."}],
        "session": WORD,
        "question": f"Where is my {WORD}?",
    }
    assert http.put(f"/v1/banks/{WORD}", json={}).status_code == 201
    headers = {"Idempotency-Key": WORD, "X-Mnemic-Purpose": WORD, "X-Mnemic-Recipient": WORD, "X-Mnemic-Reason": WORD}
    paths = http.get("/openapi.json").json()["paths"]
    told = {"messages": said["messages"], "session": WORD}
    yield http.post(f"/v1/banks/{WORD}/events", json=told, headers=headers)
    for path, methods in paths.items():
        for method, known in methods.items():
            # Each twice: with a body that says what some route takes, and with one that none takes.
            for body in ({"question": said["question"]}, {WORD: WORD}):
                url = "".join(WORD if part.startswith("{") else part for part in _parts(path))
                query = {p["name"]: WORD for p in known.get("parameters", ()) if p.get("in") == "query"}
                given = None if method in ("get", "delete") else body
                yield http.request(method.upper(), url, params=query, json=given, headers=headers)


def _parts(path: str) -> list[str]:
    return path.replace("{", "\0{").replace("}", "}\0").split("\0")


def test_no_watcher_is_shown_what_was_said_by_whom_or_where(tmp_path: Path) -> None:
    with watched(tmp_path) as process:
        statuses = [answer.status_code for answer in every_request(process.http)]
        figures = process.http.get("/metrics").text
    assert len(statuses) > 80
    assert set(statuses) >= {200, 404, 422}
    assert max(statuses) < 500
    log = process.log.read_text()
    lines = [json.loads(line) for line in log.splitlines()]
    assert len(lines) > 80
    traces = "".join(map(str, process.collector.sent["/v1/traces"]))
    metrics = "".join(map(str, process.collector.sent["/v1/metrics"]))
    assert "/banks/{bank}/recall" in traces
    assert "mnemic.request" in metrics
    for kind, text in {"figures": figures, "log": log, "traces": traces, "metrics": metrics}.items():
        assert WORD not in text, kind
        assert process.key not in text, kind


def test_a_request_is_one_trace_and_part_of_its_senders(tmp_path: Path) -> None:
    theirs, parent = "4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7"
    with watched(tmp_path) as process:
        process.http.put("/v1/banks/anna", json={})
        body = {"messages": [{"role": "user", "content": "We moved to Lisbon last May."}]}
        process.http.post("/v1/banks/anna/events", json=body)
        traced = {"traceparent": f"00-{theirs}-{parent}-01"}
        answer = process.http.post("/v1/banks/anna/recall", json={"question": "Where do we live?"}, headers=traced)
        assert answer.status_code == 200
        own = answer.headers["x-request-id"]
    spans = process.collector.spans
    one = [span for span in spans if span.trace_id.hex() == theirs]
    by_id = {span.span_id: span for span in one}
    (root,) = [span for span in one if span.parent_span_id.hex() == parent]
    assert root.name == "POST /banks/{bank}/recall"
    assert all(span is root or span.parent_span_id in by_id for span in one)
    names = {span.name for span in one}
    assert {"verb recall", "store read", "stage dense", "embedder query", "reranker score"} <= names
    said = {each.key: each.value for each in root.attributes}
    assert said["http.response.status_code"].int_value == 200
    assert said["mnemic.request"].string_value == own
    # By its id the request is found in the log.
    (line,) = [each for each in map(json.loads, process.log.read_text().splitlines()) if each.get("request") == own]
    assert line["route"] == "/banks/{bank}/recall"
    retain = next(span for span in spans if span.name == "POST /banks/{bank}/events")
    written = {span.name for span in spans if span.trace_id == retain.trace_id}
    assert {"verb retain", "store write", "embedder documents", "stage turn_record"} <= written
    # Every trace begins with a request: what is written behind is none.
    assert all(span.name.split()[0] in ("GET", "POST", "PUT") for span in spans if not span.parent_span_id)
    resource = process.collector.sent["/v1/traces"][0].resource_spans[0].resource
    assert {each.value.string_value for each in resource.attributes if each.key == "service.name"} == {"mnemic"}
    (waits,) = {tuple(m.histogram.data_points[0].explicit_bounds) for m in process.collector.metrics
                if m.name == "mnemic.request"}  # fmt: skip
    assert 0.005 in waits


def test_a_monitor_reads_the_figures_while_others_ask(tmp_path: Path) -> None:
    with watched(tmp_path) as process:
        process.http.put("/v1/banks/anna", json={})
        over = threading.Event()

        def ask() -> None:
            with httpx.Client(base_url=process.http.base_url, headers=process.http.headers, timeout=60) as http:
                while not over.is_set():
                    http.post("/v1/banks/anna/recall", json={"question": "Where do we live?"})

        askers = [threading.Thread(target=ask) for _ in range(4)]
        for asker in askers:
            asker.start()
        seen = [scraped(process.http) for _ in range(5)]
        over.set()
        for asker in askers:
            asker.join()
        seen.append(scraped(process.http))
    counted = [sum(value for (name, _), value in one.items() if name == "mnemic_requests_total") for one in seen]
    assert counted == sorted(counted)
    assert counted[-1] > counted[0]
    buckets: dict[Any, list[tuple[float, float]]] = {}
    for (name, labels), value in seen[-1].items():
        if name.endswith("_bucket"):
            said = dict(labels)
            bound = float(said.pop("le"))
            buckets.setdefault((name.removesuffix("_bucket"), frozenset(said.items())), []).append((bound, value))
    assert buckets
    for (name, labels), rows in buckets.items():
        values = [value for _, value in sorted(rows)]
        assert values == sorted(values)
        assert values[-1] == seen[-1][f"{name}_count", labels]
    # The bounds part what is measured: neither all below the first nor all above the last.
    recalls = sorted(buckets["mnemic_request_seconds", frozenset({("route", "/banks/{bank}/recall")})])
    assert recalls[-2][1] > 0
    stages = [rows for (name, labels), rows in buckets.items() if ("kind", "stage") in labels]
    assert any(0 < sorted(rows)[3][1] < sorted(rows)[-1][1] for rows in stages)


def scraped(http: httpx.Client) -> dict[tuple[str, frozenset[tuple[str, str]]], float]:
    """The figures as Prometheus' own parser reads them."""
    answer = http.get("/metrics")
    assert answer.headers["content-type"].startswith("text/plain; version=")
    families = text_string_to_metric_families(answer.text)
    return {(s.name, frozenset(s.labels.items())): s.value for family in families for s in family.samples}
