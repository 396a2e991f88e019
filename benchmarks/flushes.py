"""Counts the disk flushes of durable retains: ``strace -f -c`` over a run with them, less a run without.

``python benchmarks/flushes.py`` prints the number for one retain; needs strace.
"""

from __future__ import annotations

import re
import subprocess
import sys
import tempfile
from pathlib import Path

RETAINS = 100
SCRIPT = """
import sys, mnemic
memory = mnemic.open(sys.argv[1], embedder="hashing", reranker="overlap")
bank = memory.bank("b", recipe="default")
bank.retain("The first one makes the embedding space too.")
for number in range(int(sys.argv[2])):
    bank.retain(f"Fact {number} is kept on disk before retain returns.")
memory.close()
"""


def flushes(retains: int) -> int:
    """fsync and fdatasync calls of a process that retains so many messages, one by one."""
    with tempfile.TemporaryDirectory() as folder:
        log = Path(folder) / "strace"
        subprocess.run(
            ["strace", "-f", "-c", "-e", "trace=fsync,fdatasync", "-o", str(log), sys.executable, "-c", SCRIPT,
             str(Path(folder) / "agent.db"), str(retains)], check=True,
        )  # fmt: skip
        rows = re.findall(r"^\s*[\d.]+\s+[\d.]+\s+\d+\s+(\d+)\s.*?(?:fsync|fdatasync)$", log.read_text(), re.M)
        return sum(map(int, rows))


def for_one() -> float:
    """Flushes of one retain, on average over :data:`RETAINS`; checkpoints of the log count in."""
    return (flushes(RETAINS) - flushes(0)) / RETAINS


if __name__ == "__main__":
    import json

    print(json.dumps(for_one()))
