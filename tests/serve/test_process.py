"""``mnemic serve`` as a process, alone and with others beside it: how it starts, is stopped, and goes on."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import httpx
import pytest
from prometheus_client.parser import text_string_to_metric_families

import mnemic
from tests.servers import children

ENVIRONMENT = {"MNEMIC_EMBEDDER": "hashing", "MNEMIC_RERANKER": "overlap"}
Start = Callable[..., tuple[subprocess.Popen[str], str]]


def served_by(pid: int) -> list[int]:
    """The processes that serve beside a first one."""
    return [child for child in children(pid) if b"resource_tracker" not in Path(f"/proc/{child}/cmdline").read_bytes()]


def gone(pids: list[int]) -> bool:
    """Whether all of some processes have ended, waiting for it."""
    until = time.monotonic() + 40
    while any(Path(f"/proc/{pid}").exists() for pid in pids) and time.monotonic() < until:
        time.sleep(0.05)
    return not any(Path(f"/proc/{pid}").exists() for pid in pids)


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    """Starts ``mnemic serve`` with further words; gives the process and its address."""
    started: list[subprocess.Popen[str]] = []

    def run(*words: str) -> tuple[subprocess.Popen[str], str]:
        command = [sys.executable, "-m", "mnemic.cli", "serve", "--store", str(tmp_path / "agent.db"), "--port", "0"]
        process = subprocess.Popen(
            [*command, "--json", *words], env=os.environ | ENVIRONMENT, stdout=subprocess.PIPE, text=True
        )
        started.append(process)
        assert process.stdout is not None
        return process, json.loads(process.stdout.readline())["url"]

    yield run
    for process in started:
        if process.poll() is None:
            process.terminate()
            process.wait(60)


def retained(url: str, event: str) -> int:
    body = {"messages": [{"id": event, "role": "user", "content": "We moved to Lisbon last May."}]}
    return httpx.post(f"{url}/v1/banks/anna/events", json=body, timeout=60).status_code


@pytest.mark.parametrize(
    ("words", "how"), [((), signal.SIGINT), (("--processes", "2"), signal.SIGTERM)], ids=["one", "two"]
)
def test_told_to_stop_it_ends_well_and_frees_its_port(
    start: Start, tmp_path: Path, words: tuple[str, ...], how: signal.Signals
) -> None:
    process, url = start(*words)
    assert httpx.get(f"{url}/ready", timeout=60).status_code == 200
    assert retained(url, "e1") == 200
    asked = httpx.post(f"{url}/v1/banks/anna/recall", json={"question": "Where do we live?"}, timeout=60).json()
    beside = served_by(process.pid)
    process.send_signal(how)
    assert process.wait(60) == 0
    assert gone(beside)
    with pytest.raises(httpx.ConnectError):
        httpx.get(f"{url}/health")
    with mnemic.open(tmp_path / "agent.db", embedder="hashing", reranker="overlap") as memory:
        # What was written behind is there too.
        assert memory.bank("anna", create=False).receipt(asked["receipt"]).lines
        assert memory.check() == []


def test_a_process_that_is_killed_is_started_anew_and_nothing_is_lost(start: Start, tmp_path: Path) -> None:
    process, url = start("--processes", "2")
    before = served_by(process.pid)
    assert len(before) == 2
    kept: list[str] = []
    until = time.monotonic() + 60
    while len(kept) < 60 or len(served_by(process.pid)) < 2 or before[0] in served_by(process.pid):
        assert time.monotonic() < until
        event = f"e{len(kept)}"
        # A connection to the killed process is broken off: what was not acknowledged is sent again.
        with suppress(httpx.HTTPError):
            if retained(url, event) == 200:
                kept.append(event)
        if len(kept) == 10 and before[0] in served_by(process.pid):
            os.kill(before[0], signal.SIGKILL)
    process.terminate()
    assert process.wait(60) == 0
    with mnemic.open(tmp_path / "agent.db", embedder="hashing", reranker="overlap") as memory:
        assert {event.id for event in memory.bank("anna").events(limit=1000)} >= set(kept)


def test_figures_of_any_process_are_those_of_all_and_none_outlives_the_first(start: Start) -> None:
    process, url = start("--processes", "2")
    for n in range(20):
        # Each on a connection of its own, which either process may accept.
        assert retained(url, f"e{n}") == 200

    def figure(name: str) -> Any:
        families = text_string_to_metric_families(httpx.get(f"{url}/metrics", timeout=60).text)
        return sum(s.value for family in families for s in family.samples if s.name == name)

    assert {figure("mnemic_events_retained_total") for _ in range(5)} == {20}
    beside = served_by(process.pid)
    process.kill()
    process.wait(60)
    assert gone(beside)


def test_one_that_cannot_serve_says_so(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "mnemic.cli", "serve", "--store", str(tmp_path / "agent.db"), "--processes", "0"]
    done = subprocess.run(command, env=os.environ | ENVIRONMENT, capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert "--processes" in done.stderr
