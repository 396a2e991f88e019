"""Erase one person out of a bank of N records, and look for what is left, byte by byte.

    python benchmarks/erase.py [--records 100000] [--share 0.01]
    python benchmarks/erase.py --store postgresql          # a server of its own, from a wheel, as a superuser
    python benchmarks/erase.py --keep crowd.db             # a file that is filled once, and erased from as a copy

Prints the seconds of the whole (rows, files, search, receipt), the size of the store, the most memory of this process,
and what the receipt says. Processor seconds are those of this process, without a server's.
"""

from __future__ import annotations

import argparse
import json
import random
import resource
import shutil
import sys
import tempfile
import time
from pathlib import Path

from load import store_at

import mnemic
from mnemic.memory import Memory

_START, _END = "b br c d dr f g gr h k l m n p pl r s st t tr v w".split(), "n r l s t m nd rk st".split()
WORDS = [a + v + b + w + c for a in _START for v in "aeiou" for b in _START[::3] for w in "aio" for c in _END]


def sentence(rng: random.Random) -> str:
    """Some words in a row, with a number, so that few sentences are the same."""
    return f"I saw the {' '.join(rng.choice(WORDS) for _ in range(rng.randint(8, 16)))} number {rng.randrange(10**6)}."


def fill(memory: Memory, records: int, share: float, recipe: str) -> None:
    """Bring a bank to so many records; the person says a share of them."""
    rng = random.Random(7)
    bank = memory.bank("crowd", recipe=recipe)
    names = [f"Person {n}" for n in range(50)]
    for start in range(bank.stats()["events"], records, 2_000):
        said = [
            {
                "role": "user",
                "actor": "Rosalind" if rng.random() < share else rng.choice(names),
                "content": sentence(rng),
            }
            for _ in range(2_000)
        ]
        bank.retain(said, session=f"s{start // 2_000}", at=1.75e9 + start)


def opened(path: str) -> Memory:
    """A memory with stand-ins for models."""
    return mnemic.open(path, embedder="hashing", reranker="overlap")


def main() -> int:
    """Fill a bank, erase a person, print what came of it; 1 when something was found."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--records", type=int, default=100_000)
    parser.add_argument("--share", type=float, default=0.01, help="part of what is said that the person says")
    parser.add_argument("--recipe", default="default")
    parser.add_argument("--store", default="sqlite", help="sqlite, postgresql, or the address of an empty database")
    parser.add_argument("--keep", help="a file to fill once and to erase from a copy of")
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, store_at(chosen.store) as store:
        begun = time.perf_counter()
        if chosen.keep:
            with opened(chosen.keep) as memory:
                fill(memory, chosen.records, chosen.share, chosen.recipe)
            store = shutil.copyfile(chosen.keep, Path(folder) / "bench.db")
        with opened(str(store)) as memory:
            fill(memory, chosen.records, chosen.share, chosen.recipe)
            filled, size = time.perf_counter() - begun, memory.engine.store.size()
        with opened(str(store)) as memory:
            begun, spent = time.perf_counter(), time.process_time()
            receipt = memory.bank("crowd").erase(person="Rosalind")
            seconds, spent = time.perf_counter() - begun, time.process_time() - spent
            left = memory.engine.store.size()
    told = receipt.verification
    out = {
        "records": chosen.records,
        "events erased": receipt.events,
        "seconds": round(seconds, 2),
        "processor seconds": round(spent, 2),
        "filled in": round(filled, 1),
        "megabytes": [round(size / 1e6), round(left / 1e6)],
        "most memory in MB": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
        "clean": receipt.clean,
        "megabytes searched": round(told["bytes"] / 1e6),
        "steps": told["steps"],
        "pieces": told["pieces"],
        "findings": told["findings"],
        "not searched": told.get("unsearched", []),
        "erased": dict(receipt.erased),
    }
    print(json.dumps(out, indent=2))
    return 0 if receipt.clean else 1


if __name__ == "__main__":
    sys.exit(main())
