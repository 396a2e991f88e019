"""What sealing a bank costs: the same conversation in a bank in clear and in a sealed one, side by side, as ratios.

    python benchmarks/sealed.py --records 20000
    python benchmarks/sealed.py --records 20000 --store postgresql://postgres@localhost/bench

Both banks are written and asked turn by turn in one process, so that what else the machine does falls on both alike.
"""

from __future__ import annotations

import argparse
import random
import statistics
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import mnemic
from mnemic.bank import Bank
from mnemic.governance.keyring import write_key_file

WORDS = [f"word{i}" for i in range(20_000)]
QUESTIONS = 200
BATCH = 500


def sentence(rng: random.Random) -> str:
    """A turn of 15 to 45 words, common ones more often than rare ones."""
    return " ".join(WORDS[int(len(WORDS) * rng.random() ** 3)] for _ in range(rng.randint(15, 45)))


def timed(call: Callable[[], Any]) -> float:
    """Seconds that a call takes."""
    began = time.perf_counter()
    call()
    return time.perf_counter() - began


def measured(banks: dict[str, Bank], records: int) -> dict[str, dict[str, float]]:
    """Seconds by what was done, for each bank."""
    rng = random.Random(1)
    spent: dict[str, dict[str, float]] = {name: {"retain": 0.0} for name in banks}
    for start in range(0, records, BATCH):
        turns = [sentence(rng) for _ in range(min(BATCH, records - start))]
        for name, bank in banks.items():
            spent[name]["retain"] += timed(partial(bank.retain, turns, session=f"s{start}"))
    for name, bank in banks.items():
        spent[name]["first recall"] = timed(partial(bank.recall, "word17 word4"))
    times: dict[str, list[float]] = {name: [] for name in banks}
    for _ in range(QUESTIONS):
        question = sentence(rng)
        for name, bank in banks.items():
            times[name].append(timed(partial(bank.recall, question)))
    for name in banks:
        spent[name]["recall"] = statistics.median(times[name])
    return spent


def main() -> None:
    """Measure and print a table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--records", type=int, default=20_000)
    parser.add_argument("--recipe", default="hybrid")
    parser.add_argument("--store", default="", help="two empty stores in a temporary folder without it")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        keys = write_key_file(Path(folder) / "key")
        kinds = ("clear", "sealed")
        memories = {
            kind: mnemic.open(given.store or f"{folder}/{kind}.db", embedder="hashing", reranker="overlap", keys=keys)
            for kind in kinds
        }
        # A bank of its own for each run, so that one database serves many.
        run = f"{time.time_ns():x}"
        banks = {
            kind: memory.bank(f"{kind}-{run}", given.recipe, sealed=kind == "sealed")
            for kind, memory in memories.items()
        }
        spent = measured(banks, given.records)
        print(f"{given.records:,} turns, recipe {given.recipe}, hashing embedder")
        for what, unit, scale in (("retain", "s", 1), ("first recall", "s", 1), ("recall", "ms", 1000)):
            clear, sealed = (scale * spent[kind][what] for kind in kinds)
            print(f"{what:14} clear {clear:8.2f} {unit}   sealed {sealed:8.2f} {unit}   ratio {sealed / clear:.2f}")
        if not given.store:
            sizes = [sum(f.stat().st_size for f in Path(folder).glob(f"{kind}.db*")) / 2**20 for kind in kinds]
            print(f"{'files':14} clear {sizes[0]:8.1f} MB  sealed {sizes[1]:8.1f} MB  ratio {sizes[1] / sizes[0]:.2f}")
        began = time.perf_counter()
        memories["clear"].seal(banks["clear"].name)
        print(f"{'seal':14} {time.perf_counter() - began:.2f} s for the bank in clear")
        for memory in memories.values():
            memory.close()


if __name__ == "__main__":
    main()
