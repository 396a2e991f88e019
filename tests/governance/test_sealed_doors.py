"""Sealed banks through the command line, over HTTP, in the dashboard, and in jobs."""

from __future__ import annotations

from pathlib import Path

import pytest
from fastapi.testclient import TestClient
from typer.testing import CliRunner

from mnemic.cli.app import app
from mnemic.core.acting import Acting
from mnemic.core.errors import Denied
from mnemic.governance.grants import Grant
from mnemic.governance.keyring import add_key, drop_former_keys, write_key_file
from mnemic.jobs.worker import Worker
from mnemic.memory import Memory
from mnemic.serve.app import create_app

from .sealed_banks import files_of, found, live, opened

WORD = "Quaxwell"


def _run(*arguments: str, key: Path | None = None, code: int = 0) -> str:
    env = {"MNEMIC_EMBEDDER": "hashing", "MNEMIC_RERANKER": "overlap"}
    if key is not None:
        env["MNEMIC_VAULT_KEY_FILE"] = str(key)
    done = CliRunner().invoke(app, list(arguments), env=env)
    assert done.exit_code == code, done.output
    return done.stdout + done.stderr


def test_the_command_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    key = tmp_path / "keys" / "vault.key"
    write_key_file(key)
    assert "MNEMIC_VAULT_KEY_FILE" in _run("banks", "create", "anna", "--sealed", code=4)
    assert "anna" not in _run("banks")
    assert "and sealed" in _run("banks", "create", "anna", "--sealed", key=key)
    assert "exists already" in _run("banks", "create", "anna", "--sealed", key=key, code=2)
    (tmp_path / "said.txt").write_text(f"Anna: The {WORD} nests here.\n")
    _run("retain", "said.txt", "--bank", "anna", key=key)
    (tmp_path / "said.txt").unlink()
    assert found(tmp_path.glob("*.db*"), WORD) == set()
    assert WORD in _run("recall", "What nests here?", "--bank", "anna", key=key)
    told = _run("recall", "What nests here?", "--bank", "anna", code=4)
    assert "MNEMIC_VAULT_KEY_FILE" in told
    assert "Traceback" not in told
    assert "sealed" in _run("banks")
    assert "--clear" in _run("export", "anna.mnemic", "--bank", "anna", key=key, code=2)
    _run("export", "anna.mnemic", "--bank", "anna", "--clear", key=key)
    _run("import", "anna.mnemic", "--as", "ben", key=key)
    assert found(tmp_path.glob("*.db*"), WORD)
    assert "written anew" in _run("banks", "seal", "ben", key=key)
    assert found(tmp_path.glob("*.db*"), WORD) == set()
    add_key(key)
    for bank in ("anna", "ben"):
        assert "1 key" in _run("vault", "rotate", "--bank", bank, key=key)
    drop_former_keys(key)
    assert WORD in _run("recall", "What nests here?", "--bank", "ben", key=key)
    _run("banks", "unseal", "ben", key=key)
    assert WORD in _run("recall", "What nests here?", "--bank", "ben")


def _client(memory: Memory) -> TestClient:
    return TestClient(create_app(memory), base_url="http://localhost", raise_server_exceptions=False)


def test_over_http_and_in_the_dashboard(tmp_path: Path) -> None:
    path = tmp_path / "agent.db"
    with opened(path) as memory, _client(memory) as http:
        made = http.put("/v1/banks/anna", json={"sealed": True})
        assert (made.status_code, made.json()["sealed"]) == (201, True)
        assert http.put("/v1/banks/anna", json={"sealed": True}).status_code == 200
        http.put("/v1/banks/open")
        assert http.put("/v1/banks/open", json={"sealed": True}).status_code == 422
        body = {"messages": [{"role": "user", "content": f"The {WORD} nests."}], "session": WORD}
        key = {"Idempotency-Key": f"key-{WORD}"}
        assert http.post("/v1/banks/anna/events", json=body, headers=key).status_code == 200
        assert WORD in http.post("/v1/banks/anna/recall", json={"question": "What nests?"}).text
        assert http.get("/v1/banks/anna/export").status_code == 422
        assert http.get("/v1/banks/anna/export?clear=true").status_code == 200
        shown = http.get("/ui/banks").text
        token = shown.partition('name="csrf" value="')[2].partition('"')[0]
        form = {"csrf": token, "name": "kept", "recipe": "", "sealed": "1"}
        assert http.post("/ui/banks", data=form, headers={"Origin": "http://localhost"}).status_code == 200
        assert {row.name: bool(row.sealed) for row in memory.banks()} == {"anna": True, "kept": True, "open": False}
        memory.flush()
        assert found(files_of(tmp_path), WORD) == set()
    with opened(path, keys=None) as memory, _client(memory) as http:
        assert [bank["sealed"] for bank in http.get("/v1/banks").json()["banks"]] == [True, True, False]
        refused = http.post("/v1/banks/anna/recall", json={"question": "What nests?"})
        assert refused.status_code >= 500
        assert refused.headers["content-type"].startswith("application/problem+json")
        page = http.get("/ui/banks")
        assert page.status_code == 200
        assert "its key is not configured here" in page.text


def test_doors_are_kept_without_the_key(tmp_path: Path) -> None:
    ben = Acting(principal="key:none", groups=("friends",))
    with opened(tmp_path / "agent.db") as memory:
        memory.bank("anna", sealed=True).retain("We moved to Lisbon.")
        memory.access.give(Grant(id="", to="group:friends", bank="anna", role="reader"))
    with opened(tmp_path / "agent.db", keys=None) as memory:
        assert [row.name for row in memory.acting(ben).banks()] == ["anna"]
        (grant,) = memory.access.grants()
        with pytest.raises(Denied):
            memory.acting(ben).seal("anna")
        memory.access.take(grant.id)
        assert memory.acting(ben).banks() == []


def test_why_a_job_failed_is_not_told_in_the_words_of_the_bank(tmp_path: Path) -> None:
    with opened(tmp_path / "agent.db") as memory:
        for name, sealed in (("anna", True), ("open", False)):
            bank = memory.bank(name, sealed=sealed)
            live(bank, WORD)
            memory.enqueue("switch", name, {"recipe": "none-such"})
        Worker(memory).run(once=True)
        reasons = {job.bank: job.result["reason"] for job in memory.jobs()}
        assert "none-such" in reasons["open"]
        assert "none-such" not in reasons["anna"]
        assert "sealed" in reasons["anna"]
