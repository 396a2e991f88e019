"""Which memories went into an answer: one request, one command and one query tell the same."""

from __future__ import annotations

import json
import os
import re
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import psycopg
import pytest
from fastapi.testclient import TestClient

import mnemic
from mnemic.serve.app import create_app

PAGE = Path(__file__).parents[2] / "docs" / "observability.md"
ON_SQLITE, ON_POSTGRES = re.findall(r"^```sql\n(.*?)^```", PAGE.read_text("utf-8"), re.MULTILINE | re.DOTALL)
MODELS = {"MNEMIC_EMBEDDER": "hashing", "MNEMIC_RERANKER": "overlap"}


def answered(store: str) -> tuple[str, list[tuple[int, str]]]:
    """The receipt of an answer over HTTP, and its lines with their records, of which another bank has none."""
    with (
        mnemic.open(store, embedder="hashing", reranker="overlap") as memory,
        TestClient(create_app(memory), base_url="http://127.0.0.1") as http,
    ):
        for bank in ("anna", "ben"):
            http.put(f"/v1/banks/{bank}", json={})
            told = [f"We moved to Lisbon in {year}." for year in range(2001, 2006)]
            http.post(f"/v1/banks/{bank}/events", json={"messages": told})
            made = http.post(f"/v1/banks/{bank}/answer", json={"question": "Where do we live?", "tokens": 60}).json()
            found = http.get(f"/v1/banks/{bank}/receipts/{made['context']['receipt']}").json()
    assert found["query"] == "Where do we live?"
    assert [line["record"] for line in found["lines"]] == [one["record"] for one in made["context"]["citations"]]
    assert found["lines"]
    return found["id"], [(line["number"], line["record"]) for line in found["lines"]]


def by_command(store: str, receipt: str) -> list[tuple[int, str]]:
    """What ``mnemic why`` tells of a receipt."""
    words = ["why", "--receipt", receipt, "--bank", "ben", "--store", store, "--json"]
    command = [sys.executable, "-m", "mnemic.cli", *words]
    done = subprocess.run(command, env=os.environ | MODELS, capture_output=True, text=True, check=True)
    return [(line["number"], line["record"]) for line in json.loads(done.stdout)["lines"]]


def test_on_a_file(tmp_path: Path) -> None:
    store = str(tmp_path / "agent.db")
    receipt, lines = answered(store)
    assert by_command(store, receipt) == lines
    with closing(sqlite3.connect(store)) as file:
        assert file.execute(ON_SQLITE, {"receipt": receipt}).fetchall() == lines


@pytest.mark.parametrize("server", ["postgres18", "postgres15"])
def test_on_postgresql(server: str, request: pytest.FixtureRequest) -> None:
    store: str = request.getfixturevalue(server)
    receipt, lines = answered(store)
    assert by_command(store, receipt) == lines
    with psycopg.connect(store, options="-c search_path=mnemic") as database:
        query = ON_POSTGRES.replace(":receipt", "%(receipt)s").encode()
        assert database.execute(query, {"receipt": receipt}).fetchall() == lines
