"""What ``deploy/`` starts: systemd's units and the services of ``compose.yaml``, by their own words."""

from __future__ import annotations

import os
import shlex
import shutil
import signal
import subprocess
import sys
import urllib.request
from configparser import ConfigParser
from pathlib import Path

import pytest
import yaml  # type: ignore[import-untyped]

DEPLOY = Path(__file__).parents[2] / "deploy"
UNITS = ("mnemic.service", "mnemic-worker.service")
MNEMIC = [sys.executable, "-m", "mnemic.cli"]


def unit(name: str) -> ConfigParser:
    """A unit of systemd."""
    read = ConfigParser(strict=False, interpolation=None)
    # Names of settings are told apart by case.
    read.optionxform = str  # type: ignore[assignment,method-assign]
    read.read(DEPLOY / name)
    return read


def stopped_well(words: list[str], folder: Path, heard: str) -> None:
    """Start mnemic with words in an environment as bare as systemd's, stop it as systemd does, and see it end well."""
    environment = {"PATH": os.environ["PATH"], "PYTHONPATH": os.environ.get("PYTHONPATH", ""), "HOME": str(folder)}
    models = {"MNEMIC_EMBEDDER": "hashing", "MNEMIC_RERANKER": "overlap"}
    store = {"MNEMIC_STORE": str(folder / "mnemic.db"), "PYTHONUNBUFFERED": "1"}
    process = subprocess.Popen(
        [*MNEMIC, *words], cwd=folder, env=environment | models | store, stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    try:
        line = process.stdout.readline() if heard else ""
        assert heard in line
        if heard:
            url = line.split(" at ")[1].split(";")[0]
            assert urllib.request.urlopen(f"{url}/ready", timeout=60).status == 200
        else:
            # A worker says nothing before it has something to do: it is told to stop once it has begun to wait.
            with pytest.raises(subprocess.TimeoutExpired):
                process.wait(5)
        process.send_signal(signal.SIGTERM)
        assert process.wait(60) == 0
    finally:
        process.kill()
        process.wait()


@pytest.mark.parametrize("name", UNITS)
def test_a_unit_starts_what_it_says_and_stops_it_in_time(name: str, tmp_path: Path) -> None:
    service = unit(name)["Service"]
    program, *words = shlex.split(service["ExecStart"])
    assert program == "/opt/mnemic/bin/mnemic"
    # Longer than the twenty seconds that are given to what is under way.
    assert int(service["TimeoutStopSec"].removesuffix("s")) > 20
    if words[0] == "serve":
        words[words.index("--port") + 1] = "0"
        stopped_well(words, tmp_path, "Serving ")
    else:
        subprocess.run(
            [*MNEMIC, "retain", "-", "--store", str(tmp_path / "mnemic.db")],
            input="Tea.",
            env=os.environ | {"MNEMIC_EMBEDDER": "hashing"},
            text=True,
            check=True,
            capture_output=True,
        )
        stopped_well(words, tmp_path, "")


@pytest.mark.parametrize("name", UNITS)
def test_systemd_takes_a_unit_and_finds_it_closed(name: str, tmp_path: Path) -> None:
    if shutil.which("systemd-analyze") is None:
        pytest.skip("systemd is not installed: sh tests/system_packages.sh")
    program = tmp_path / "mnemic"
    program.write_text("#!/bin/sh\n")
    program.chmod(0o755)
    copy = tmp_path / name
    copy.write_text((DEPLOY / name).read_text().replace("/opt/mnemic/bin/mnemic", str(program)))
    verified = subprocess.run(["systemd-analyze", "verify", copy], capture_output=True, text=True, check=False)
    assert (verified.returncode, verified.stdout + verified.stderr) == (0, "")
    weighed = ["systemd-analyze", "security", "--offline=true", "--threshold=25", str(copy)]
    assert subprocess.run(weighed, capture_output=True, check=False).returncode == 0


def test_compose_starts_what_the_command_line_knows() -> None:
    services = yaml.safe_load((DEPLOY / "compose.yaml").read_text())["services"]
    for name in ("api", "worker"):
        service = services[name]
        words = service["command"]
        known = subprocess.run([*MNEMIC, words[0], "--help"], capture_output=True, text=True, check=True).stdout
        assert all(word in known for word in words if word.startswith("--"))
        assert service["depends_on"]["postgres"]["condition"] == "service_healthy"
        # No content in the image, no write but to the volume, no right that it does not need.
        assert service["read_only"]
        assert service["cap_drop"] == ["ALL"]
        assert service["security_opt"] == ["no-new-privileges:true"]
        assert int(service["stop_grace_period"].removesuffix("s")) > 20
    assert "/ready" in " ".join(services["api"]["healthcheck"]["test"])
    published = services["api"]["ports"]
    assert [port.split(":")[0] for port in published] == ["127.0.0.1"]
    assert "ports" not in services["postgres"]


def test_an_image_is_built_of_what_it_needs_alone() -> None:
    dockerfile = (DEPLOY / "Dockerfile").read_text()
    copied = [word for line in dockerfile.splitlines() if line.startswith("COPY") for word in line.split()[1:-1]]
    taken = (DEPLOY.parent / ".dockerignore").read_text().splitlines()
    assert {f"!{name}" for name in copied} == {line for line in taken if line.startswith("!")}
    assert "USER mnemic" in dockerfile
