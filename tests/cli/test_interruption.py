"""Ctrl-C in the middle of a write: the store is whole, and the same command goes on."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from functools import partial
from pathlib import Path

import pytest

from .conftest import Command

EVENTS = 6000


def _conversation(path: Path) -> None:
    with path.open("w", encoding="utf-8") as file:
        for number in range(EVENTS):
            message = {
                "id": f"m{number}",
                "role": "user",
                "at": f"2026-01-01T{number // 3600:02}:{number // 60 % 60:02}:{number % 60:02}Z",
                "content": f"Message {number} about tea, the river and the number {number * 7919 % 10007}.",
            }
            file.write(json.dumps(message) + "\n")


@pytest.mark.skipif(sys.platform == "win32", reason="SIGINT cannot be sent to one process there")
def test_ctrl_c_leaves_a_whole_store_and_nothing_is_lost(mnemic: Command, tmp_path: Path) -> None:
    _conversation(tmp_path / "long.jsonl")
    command = [sys.executable, "-m", "mnemic.cli", "retain", "long.jsonl"]
    started = subprocess.Popen(
        command,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=os.environ,
        # A test run in the background ignores Ctrl-C, and a child inherits that.
        preexec_fn=partial(signal.signal, signal.SIGINT, signal.SIG_DFL),
    )
    store = tmp_path / "mnemic.db"
    while started.poll() is None and not (store.exists() and _held(mnemic)):
        time.sleep(0.05)
    started.send_signal(signal.SIGINT)
    out, err = started.communicate(timeout=60)
    assert started.returncode == 130, err
    assert err == "mnemic: stopped; what was committed before is kept\n"
    assert not out

    held = _held(mnemic)
    assert 0 < held < EVENTS
    assert mnemic("doctor").code == 0
    data = mnemic("retain", "long.jsonl", "--json").json
    assert (data["known"], data["added"]) == (held, EVENTS - held)
    stats = mnemic("stats", "--json").json
    assert stats["events"] == stats["records"] == EVENTS


def _held(mnemic: Command) -> int:
    ran = mnemic("stats", "--json")
    return int(ran.json["events"]) if ran.code == 0 else 0
