"""``audit verify --witness``: commands that run at once append to one witness, which tells when an end was cut off."""

from __future__ import annotations

import json
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from .conftest import Command


def test_processes_at_once_share_a_witness_and_a_cut_is_told(
    mnemic: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    witness, store = tmp_path / "witness.jsonl", tmp_path / "agent.db"
    monkeypatch.setenv("MNEMIC_AUDIT_WITNESS", str(witness))
    at = ["--store", str(store)]
    (tmp_path / "chat.jsonl").write_text('{"role": "user", "content": "Tea was had."}\n')
    assert mnemic("retain", "chat.jsonl", *at).code == 0
    assert mnemic("keys", "create", "first", *at).code == 0
    make = [sys.executable, "-m", "mnemic.cli", "keys", "create", *at]
    making = [subprocess.Popen([*make, f"key {n}"], stdout=subprocess.DEVNULL) for n in range(3)]
    assert [process.wait(120) for process in making] == [0, 0, 0]
    found = json.loads(mnemic("audit", "verify", "--json", *at).out)
    assert found["holds"]
    assert found["witnessed"] >= 4
    assert found["torn"] == 0
    assert found["witness_key"] in mnemic("audit", "verify", *at).out
    export = str(tmp_path / "audit.jsonl")
    assert mnemic("audit", "export", export, *at).code == 0
    against = ["--file", export, "--witness", str(witness), "--public"]
    checked = mnemic("audit", "verify", *against, found["witness_key"])
    assert checked.code == 0
    assert "The export was made at" in checked.out
    assert mnemic("audit", "verify", *against, "00" * 32).code == 1
    with closing(sqlite3.connect(store)) as connection, connection:
        connection.execute("DELETE FROM audit WHERE n > 3")
    told = mnemic("audit", "verify", *at)
    assert told.code == 1
    assert "its end was cut off" in told.out
    monkeypatch.delenv("MNEMIC_AUDIT_WITNESS")
    assert mnemic("audit", "verify", *at).code == 0
    assert mnemic("audit", "verify", "--witness", str(witness), *at).code == 1
    missing = mnemic("audit", "verify", "--witness", str(tmp_path / "none"), *at)
    assert missing.code == 2
    assert "witness cannot be read" in missing.err
