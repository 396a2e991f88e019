"""Measures reading in a store of many banks: cold and warm, with how often an index was at hand, and memory."""

from __future__ import annotations

import json
import random
import sys
from pathlib import Path
from typing import Any

from measure import Clocked, pin, rss_mb

pin(int(sys.argv[2]))

from corpus import Corpus, Lookup  # noqa: E402

from mnemic.store.index.bank_index import BankIndex  # noqa: E402
from store import MEASURED, open_store  # noqa: E402

WARM = 300


def main() -> None:
    """``STORE CORE SIZE [CACHE_MB]``: print the figures as JSON."""
    path, size, cache_mb = Path(sys.argv[1]), int(sys.argv[3]), int((sys.argv[4:] or ["512"])[0])
    corpus, lookup = Corpus(100, size), Lookup()
    questions: list[str] = []
    for number in range(5):
        made = corpus.queries(number, 60)
        lookup.learn(made, corpus.query_vectors(number, 60))
        questions += made
    rng = random.Random(1)
    built = 0
    original = BankIndex.build.__func__  # type: ignore[attr-defined]

    def counted(cls: type[BankIndex], source: Any) -> BankIndex:
        nonlocal built
        built += 1
        made_index: BankIndex = original(cls, source)
        return made_index

    BankIndex.build = classmethod(counted)  # type: ignore[assignment]
    out: dict[str, Any] = {"rss_mb_before": rss_mb(), "cache_mb": cache_mb}
    with open_store(path, lookup, cache_mb=cache_mb) as memory:
        rows = [row for row in memory.banks() if row.seq > 2 * size]
        banks = [memory._bank(row.name, MEASURED) for row in rows]
        out["banks"], out["store_mb"] = len(banks), round(memory.engine.store.size() / 1e6)
        cold = Clocked()
        for bank in banks:
            with cold():
                bank.search(rng.choice(questions), profile="hybrid")
        out["first_query"], out["rss_mb_all_banks"] = cold.summary(), rss_mb()
        out["indexes_kept"] = len(memory.engine.store.cache._slots)  # type: ignore[attr-defined]
        for profile in ("hybrid", None):
            clock, before = Clocked(), built
            for _ in range(WARM):
                with clock():
                    rng.choice(banks).search(rng.choice(questions), profile=profile)
            name = profile or "default"
            out[f"warm_{name}"] = clock.summary()
            out[f"warm_{name}_hit_rate"] = round(1 - (built - before) / WARM, 3)
        matrices = [key for index in memory.engine.store.cache._slots.values()  # type: ignore[attr-defined]
                    for key in index.keys.values() if key.matrix is not None]  # fmt: skip
        out["matrices_kept"], out["rss_mb_end"] = len(matrices), rss_mb()
    print(json.dumps(out))


if __name__ == "__main__":
    main()
