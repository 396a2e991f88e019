"""Timing on one core: wall and processor time side by side, the floor and the product turn by turn."""

from __future__ import annotations

import contextlib
import os
import platform
import resource
import sqlite3
import statistics
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "RAYON_NUM_THREADS", "TOKENIZERS_PARALLELISM")


def pin(core: int) -> None:
    """Bind this process to one core, and the libraries that it will load to one thread."""
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {core})
    for name in THREADS:
        os.environ[name] = "false" if name.endswith("PARALLELISM") else "1"


@dataclass
class Clocked:
    """Milliseconds of wall and of processor time, call by call."""

    wall: list[float] = field(default_factory=list)
    cpu: list[float] = field(default_factory=list)

    @contextlib.contextmanager
    def __call__(self) -> Iterator[None]:
        wall, cpu = time.perf_counter(), time.process_time()
        yield
        self.wall.append(1000 * (time.perf_counter() - wall))
        self.cpu.append(1000 * (time.process_time() - cpu))

    def summary(self) -> dict[str, float]:
        """Medians, the 95th percentile and the fastest call."""
        ranked = sorted(self.wall)
        return {
            "p50_ms": round(statistics.median(ranked), 3),
            "p95_ms": round(ranked[int(0.95 * (len(ranked) - 1))], 3),
            "min_ms": round(ranked[0], 3),
            "cpu_p50_ms": round(statistics.median(self.cpu), 3),
            "calls": len(ranked),
        }


def rss_mb() -> float:
    """Resident memory of this process, now."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return round(pages * resource.getpagesize() / 1e6, 1)


def turn_by_turn(questions: Sequence[str], **calls: Callable[[str], object]) -> dict[str, Any]:
    """Put each question to every call before the next, so that a busy machine slows all of them alike."""
    clocks = {name: Clocked() for name in calls}
    for name, call in calls.items():
        call(questions[0])
        del name
    for question in questions:
        for name, call in calls.items():
            with clocks[name]():
                call(question)
    return {name: clock.summary() for name, clock in clocks.items()}


def ratio(measured: dict[str, Any], name: str, floor: str = "floor") -> dict[str, float]:
    """How many times the floor a call takes, by wall and by processor time."""
    return {
        clock: round(measured[name][field_] / max(measured[floor][field_], 1e-9), 2)
        for clock, field_ in (("wall", "p50_ms"), ("cpu", "cpu_p50_ms"))
    }


def commit_floor(folder: Path, times: int = 40) -> dict[str, Any]:
    """What the disk asks for one durable write: a one-row SQLite commit, and a bare write with fdatasync."""
    row, bare = Clocked(), Clocked()
    connection = sqlite3.connect(folder / "floor.db", isolation_level=None)
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = FULL")
    connection.execute("CREATE TABLE t (id INTEGER PRIMARY KEY, body TEXT)")
    with (folder / "floor.bin").open("wb", buffering=0) as file:
        for _ in range(times):
            with row():
                connection.execute("INSERT INTO t (body) VALUES (?)", ("x" * 200,))
            with bare():
                file.write(b"x" * 4096)
                os.fdatasync(file.fileno())
    connection.close()
    return {"sqlite_row": row.summary(), "write_fdatasync": bare.summary()}


def machine() -> dict[str, Any]:
    """What the figures were measured on."""
    model = "unknown"
    with contextlib.suppress(OSError):
        lines = Path("/proc/cpuinfo").read_text("utf-8").splitlines()
        model = next((line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")), model)
    return {
        "processor": model, "cores": os.cpu_count(), "system": platform.platform(), "python": sys.version.split()[0],
        "sqlite": sqlite3.sqlite_version, "load_average": [round(load, 1) for load in os.getloadavg()],
    }  # fmt: skip
