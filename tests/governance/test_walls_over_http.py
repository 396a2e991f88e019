"""The walls over HTTP: with a real application and keys, nothing of another bank or of a closed matter comes out."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

import mnemic
from mnemic.core.acting import Acting
from mnemic.serve.app import create_app

WORDS = ("zyklotron", "quastenflosser")


@pytest.fixture
def served(tmp_path: Path) -> Iterator[tuple[TestClient, str, dict[str, list[str]]]]:
    """An application, the key of a narrow reader of one bank, and the ids that he must not see."""
    with mnemic.open(tmp_path / "a.db", embedder="hashing", reranker="overlap") as memory:
        owner = memory.acting(Acting())
        anna, ben = (owner.bank(name, create=True) for name in ("anna", "ben-quastenflosser"))
        anna.retain(
            [
                {"id": "tea", "content": "Lunch was tea.", "session": "s"},
                {"id": "h1", "content": "The doctor saw a zyklotron.", "session": "s", "labels": ["health"]},
            ]
        )
        ben.retain("A quastenflosser swims.")
        receipts = [bank.recall("what?").receipt for bank in (anna, ben)]
        records = [r.id for bank in (anna, ben) for r in bank.list().records if r.value != "Lunch was tea."]
        key, text = owner.create_key("narrow")
        owner.give(key.principal, "anna", "editor", without=["health"])
        memory.flush()
        with TestClient(create_app(memory)) as client:
            yield client, text, {"record": records, "receipt": receipts, "event": ["h1"]}


def test_every_path_keeps_to_the_wall(served: tuple[TestClient, str, dict[str, list[str]]]) -> None:
    client, text, ids = served
    headers = {"Authorization": f"Bearer {text}"}
    asked = 0
    for path, methods in client.get("/openapi.json").json()["paths"].items():
        if not path.startswith("/v1"):
            continue
        for method in set(methods) & {"get", "post", "delete", "put", "patch"}:
            for bank in ("anna", "ben-quastenflosser"):
                for n in range(3):
                    values = {name: (found + ["x"] * 3)[n] for name, found in ids.items()}
                    url = path.replace("{bank}", bank).replace("{number}", "1").replace("{recipe}", "default")
                    for name, value in values.items():
                        url = url.replace("{" + name + "}", value)
                    if "{" in url or "import" in url:
                        continue
                    body = {"question": "doctor lunch", "text": "doctor"} if method != "get" else None
                    if method == "post" and not any(w in url for w in ("recall", "search", "answer")):
                        body = {}
                    answer = client.request(method.upper(), url, headers=headers, json=body)
                    asked += 1
                    said = answer.text.replace("ben-quastenflosser", "")
                    assert not any(word in said for word in WORDS), (method, url, said[:300])
                    assert answer.status_code < 500, (method, url, said[:300])
                    assert bank not in url or bank == "anna" or answer.status_code >= 400, (method, url)
    assert asked > 60
    found = client.post("/v1/banks/anna/recall", headers=headers, json={"question": "what was lunch?"})
    assert "tea" in found.text


def test_a_bank_that_is_closed_answers_as_one_that_is_not_there(
    served: tuple[TestClient, str, dict[str, list[str]]],
) -> None:
    client, text, _ = served
    headers = {"X-API-Key": text}
    for path in ("", "/records", "/events", "/log", "/receipts", "/records/x", "/receipts/x", "/stats"):
        told = []
        for bank in ("ben-quastenflosser", "no-such-bank-at-all"):
            answer = client.get(f"/v1/banks/{bank}{path}", headers=headers)
            told.append(
                (
                    answer.status_code,
                    answer.text.replace(bank, "X").replace(answer.headers.get("x-request-id", "?"), ""),
                )
            )
        assert told[0] == told[1], path


def test_no_key_and_wrong_keys_are_refused_alike(served: tuple[TestClient, str, dict[str, list[str]]]) -> None:
    client, text, _ = served
    assert client.get("/v1/banks").status_code == 401
    told = set()
    for wrong in (
        text[:-1],
        text + "0",
        text.replace("mnk_", "mnk-"),
        "Bearer",
        "a.b.c",
        "mnk_" + "0" * 12 + "_" + "0" * 64,
    ):
        answer = client.get("/v1/banks", headers={"X-API-Key": wrong})
        assert answer.status_code == 401
        told.add(answer.json()["detail"])
        assert text not in answer.text
    assert len(told) == 1
    assert client.get("/v1/banks", headers={"X-API-Key": text}).status_code == 200
