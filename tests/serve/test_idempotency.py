"""A request under an idempotency key is done once, however often and by whomever it is sent."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx
from fastapi.testclient import TestClient

import mnemic
from mnemic.memory import Memory
from mnemic.serve.app import create_app

KEY = {"Idempotency-Key": "job-1"}
BODY = {"messages": ["We moved to Lisbon.", {"content": "In May."}], "session": "s1"}


def test_a_second_request_gets_the_answer_of_the_first(http: TestClient) -> None:
    first = http.post("/v1/banks/anna/events", json=BODY, headers=KEY)
    second = http.post("/v1/banks/anna/events", json=BODY, headers=KEY)
    assert second.json() == first.json()
    assert second.headers["idempotent-replayed"] == "true"
    assert http.get("/v1/banks/anna/stats").json()["events"] == 2


def test_another_body_under_the_same_key_is_refused(http: TestClient) -> None:
    http.post("/v1/banks/anna/events", json=BODY, headers=KEY)
    other = http.post("/v1/banks/anna/events", json={"messages": "Something else."}, headers=KEY)
    assert (other.status_code, other.json()["field"]) == (422, "idempotency-key")
    assert http.get("/v1/banks/anna/stats").json()["events"] == 2


def test_a_key_belongs_to_its_path(http: TestClient) -> None:
    http.post("/v1/banks/anna/events", json=BODY, headers=KEY)
    assert http.post("/v1/banks/ben/events", json=BODY, headers=KEY).json()["added"]


def test_it_survives_a_restart(tmp_path: Path) -> None:
    answers = []
    for _ in range(2):
        with mnemic.open(tmp_path / "a.db", embedder="hashing", reranker="overlap") as memory:
            client = TestClient(create_app(memory))
            answers.append(client.post("/v1/banks/anna/events", json=BODY, headers=KEY).json())
            feedback = {"kind": "liked", "records": answers[0]["records"][:1]}
            client.post("/v1/banks/anna/feedback", json=feedback, headers=KEY)
            record = client.get(f"/v1/banks/anna/records/{answers[0]['records'][0]}").json()
            assert record["stats"]["liked"] == 1
    assert answers[0] == answers[1]


def test_a_write_whose_answer_was_lost_is_not_made_twice(kept: Memory, http: TestClient) -> None:
    http.post("/v1/banks/anna/events", json=BODY, headers=KEY)
    for note in kept.engine.store.notes("anna", "idempotency"):
        kept.engine.store.drop_note("anna", "idempotency", note.id)
    again = http.post("/v1/banks/anna/events", json=BODY, headers=KEY)
    assert again.json()["skipped"] == 2
    assert http.get("/v1/banks/anna/stats").json()["events"] == 2


def test_twins_at_the_same_time_are_one(kept: Memory, listening: Callable[[Any], str]) -> None:
    url = listening(create_app(kept))

    def send(_: int) -> httpx.Response:
        return httpx.post(f"{url}/v1/banks/anna/events", json=BODY, headers=KEY, timeout=60)

    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(send, range(16)))
    assert {answer.status_code for answer in answers} == {200}
    assert len({answer.text for answer in answers}) == 1
    assert kept.bank("anna").stats()["events"] == 2
