"""Erase one person out of a bank of N records, in one SQLite file, and look for what is left, byte by byte.

    python benchmarks/erase.py [--records 100000] [--share 0.01]

Prints the seconds of the whole (rows, files, search, receipt), the size of the file and what the receipt says.
"""

from __future__ import annotations

import argparse
import json
import random
import sys
import tempfile
import time
from pathlib import Path

import mnemic

_START, _END = "b br c d dr f g gr h k l m n p pl r s st t tr v w".split(), "n r l s t m nd rk st".split()
WORDS = [a + v + b + w + c for a in _START for v in "aeiou" for b in _START[::3] for w in "aio" for c in _END]


def sentence(rng: random.Random) -> str:
    """Some words in a row, with a number, so that few sentences are the same."""
    return f"I saw the {' '.join(rng.choice(WORDS) for _ in range(rng.randint(8, 16)))} number {rng.randrange(10**6)}."


def main() -> int:
    """Fill a bank, erase a person, print what came of it; 1 when something was found."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--records", type=int, default=100_000)
    parser.add_argument("--share", type=float, default=0.01, help="part of what is said that the person says")
    parser.add_argument("--recipe", default="default")
    parser.add_argument("--keep", help="a file to fill once and erase from again")
    chosen = parser.parse_args()
    rng = random.Random(7)
    with (
        tempfile.TemporaryDirectory() as folder,
        mnemic.open(chosen.keep or Path(folder) / "bench.db", embedder="hashing", reranker="overlap") as memory,
    ):
        bank = memory.bank("crowd", recipe=chosen.recipe)
        names = [f"Person {n}" for n in range(50)]
        begun = time.perf_counter()
        for start in range(bank.stats()["events"], chosen.records, 2_000):
            said = [
                {
                    "role": "user",
                    "actor": "Rosalind" if rng.random() < chosen.share else rng.choice(names),
                    "content": sentence(rng),
                }
                for _ in range(2_000)
            ]
            bank.retain(said, session=f"s{start // 2_000}", at=1.75e9 + start)
        filled = time.perf_counter() - begun
        begun, spent = time.perf_counter(), time.process_time()
        receipt = bank.erase(person="Rosalind")
        seconds, spent = time.perf_counter() - begun, time.process_time() - spent
        out = {
            "records": chosen.records,
            "events erased": receipt.events,
            "seconds": round(seconds, 2),
            "processor seconds": round(spent, 2),
            "filled in": round(filled, 1),
            "megabytes": round(memory.engine.store.size() / 1e6),
            "clean": receipt.clean,
            "steps": receipt.verification["steps"],
            "pieces": receipt.verification["pieces"],
            "findings": receipt.verification["findings"],
            "erased": dict(receipt.erased),
        }
    print(json.dumps(out, indent=2))
    return 0 if receipt.clean else 1


if __name__ == "__main__":
    sys.exit(main())
