"""Long work tells its progress, ends when nobody waits, and goes on where it was."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from typing import Any

import httpx
import pytest
from fastapi.testclient import TestClient

from mnemic.engine import reform
from mnemic.memory import Memory
from mnemic.serve.app import create_app


def lines(answer: Any) -> list[dict[str, Any]]:
    return [json.loads(line) for line in answer.text.splitlines()]


def test_a_stream_of_messages_is_retained_once(http: TestClient) -> None:
    body = "\n".join(json.dumps({"content": f"Message {n}"}) for n in range(600))
    first = http.post("/v1/banks/anna/events/stream", content=body, headers={"Idempotency-Key": "k"})
    assert first.headers["content-type"] == "application/x-ndjson"
    assert len(lines(first)[-1]["result"]["added"]) == 600
    again = http.post("/v1/banks/anna/events/stream", content=body, headers={"Idempotency-Key": "k"})
    assert lines(again)[-1]["result"]["skipped"] == 600


def test_a_bank_is_branched_exported_and_imported(anna: TestClient) -> None:
    made = lines(anna.post("/v1/banks/anna/branch", json={"name": "what-if"}))[-1]["result"]
    assert (made["name"], made["origin"]) == ("what-if", "anna@5")
    archive = anna.get("/v1/banks/anna/export").content
    result = lines(anna.post("/v1/import", params={"name": "anna-2"}, content=archive))[-1]["result"]
    assert result["name"] == "anna-2"
    records = [anna.get(f"/v1/banks/{name}/records").json()["records"] for name in ("anna", "anna-2")]
    assert [one | {"bank": ""} for one in records[0]] == [one | {"bank": ""} for one in records[1]]


def test_a_bank_is_switched_and_reembedded(anna: TestClient) -> None:
    assert lines(anna.post("/v1/banks/anna/reembed"))[-1]["result"]["already"]
    switched = lines(anna.post("/v1/banks/anna/switch", json={"recipe": "bm25"}))[-1]["result"]
    assert (switched["state"], switched["events"]) == ("done", 2)
    assert anna.get("/v1/banks/anna").json()["recipe"] == "bm25"
    assert anna.get("/v1/banks/anna/switch").json()["under_way"] is False
    assert anna.delete("/v1/banks/anna/switch").status_code == 200


def test_who_goes_away_stops_the_work_and_the_next_goes_on(
    kept: Memory, listening: Callable[[Any], str], monkeypatch: pytest.MonkeyPatch
) -> None:
    kept.bank("anna").retain([{"id": f"e{n}", "content": f"Message {n}"} for n in range(20)])
    url = listening(create_app(kept))
    monkeypatch.setattr("mnemic.serve.streaming._BETWEEN_S", 0.0)
    ended, real = threading.Event(), reform.switch

    def slow(*given: Any, on_progress: Callable[[int, int], None], **more: Any) -> Any:
        try:
            for n in range(100_000):
                on_progress(n, 100_000)
                ended.wait(0.01)
        finally:
            ended.set()
        return real(*given, on_progress=on_progress, **more)

    monkeypatch.setattr(reform, "switch", slow)
    path = f"{url}/v1/banks/anna/switch"
    with httpx.stream("POST", path, json={"recipe": "bm25"}, timeout=30) as answer:
        first = json.loads(next(answer.iter_lines()))
    assert "progress" in first
    assert ended.wait(30)
    assert kept.bank("anna").recipe.name == "default"
    monkeypatch.setattr(reform, "switch", real)
    done = httpx.post(path, json={"recipe": "bm25"}, timeout=60)
    assert json.loads(done.text.splitlines()[-1])["result"]["state"] == "done"
