"""Times what happens before the first answer: import, ``--help``, and opening a store; each in fresh processes.

``python benchmarks/start.py ENVIRONMENT_PYTHON [STORE]`` prints JSON.
"""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
import time
from typing import Any

REPEATS = 15
OPEN = """
import time, json, resource
began = time.perf_counter()
import mnemic.memory
imported = time.perf_counter()
memory = mnemic.open({store!r}, embedder="hashing", reranker="overlap")
bank = memory.bank({bank!r}, create=False)
opened = time.perf_counter()
page = bank.events(limit=1)
read = time.perf_counter()
print(json.dumps([1000 * (imported - began), 1000 * (opened - imported), 1000 * (read - opened)]))
"""


def process_ms(command: list[str]) -> dict[str, float]:
    """Wall and processor milliseconds of a whole process."""
    import resource

    wall, cpu = [], []
    for _ in range(REPEATS):
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        began = time.perf_counter()
        subprocess.run(command, check=True, capture_output=True)
        wall.append(1000 * (time.perf_counter() - began))
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        cpu.append(1000 * (after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime))
    return {
        "p50_ms": round(statistics.median(wall), 1),
        "min_ms": round(min(wall), 1),
        "cpu_p50_ms": round(statistics.median(cpu), 1),
    }


def _help_ms(python: str) -> dict[str, float] | None:
    command = [python, "-m", "mnemic.cli", "--help"]
    return None if subprocess.run(command, capture_output=True).returncode else process_ms(command)


def measure(python: str, store: str | None = None, bank: str = "b0") -> dict[str, Any]:
    """Start-up figures of the mnemic that an interpreter has."""
    bare = process_ms([python, "-c", "pass"])
    whole = process_ms([python, "-c", "import mnemic"])
    out: dict[str, Any] = {
        "python": bare,
        "import": {name: round(whole[name] - bare[name], 1) for name in bare},
        "help": _help_ms(python),
    }
    if store is not None:
        rows = []
        for _ in range(REPEATS):
            done = subprocess.run(
                [python, "-c", OPEN.format(store=store, bank=bank)], check=True, capture_output=True, text=True
            )
            rows.append(json.loads(done.stdout))
        for place, name in enumerate(("import_memory", "open", "first_event")):
            values = [row[place] for row in rows]
            out[name] = {"p50_ms": round(statistics.median(values), 1), "min_ms": round(min(values), 1)}
    return out


if __name__ == "__main__":
    print(json.dumps(measure(*sys.argv[1:]), indent=1))
