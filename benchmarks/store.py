"""Builds the stores that are measured, through the path that every user's writes take."""

from __future__ import annotations

import gc
import sys
import time
from pathlib import Path

from corpus import Corpus, Lookup
from precomputed import PrecomputedEmbedder

import mnemic
from mnemic.context.within_budget import WithinBudget
from mnemic.core.pipeline import Recipe
from mnemic.recipes import load_recipe
from mnemic.retrieval.dense import Dense
from mnemic.retrieval.lexical import Lexical
from mnemic.retrieval.rrf import ReciprocalRankFusion

DEFAULT = load_recipe("default")

#: What the default recipe writes, read in four ways; ``fast`` is the default's first stage, without a reranker.
MEASURED = Recipe(
    name="speed",
    summary="what the default recipe writes, read by vectors, by both channels, and as the default's first stage",
    formation=DEFAULT.formation,
    retrieval=DEFAULT.read("fast" if "fast" in DEFAULT.profiles else None),
    profiles={
        "dense": Dense(key="said") >> WithinBudget(),
        "hybrid": (Lexical(key="words") | Dense(key="said")) >> ReciprocalRankFusion() >> WithinBudget(),
    },
)


def open_store(path: Path, lookup: Lookup, *, cache_mb: int = 512) -> mnemic.Memory:
    """The store at a path, with vectors that are looked up."""
    from mnemic.config import Settings

    embedder = PrecomputedEmbedder(lookup)
    return mnemic.open(path, embedder=embedder, reranker="overlap", settings=Settings(cache_mb=cache_mb))


def build(
    path: Path, corpus: Corpus, recipe: str | Recipe = MEASURED, *, banks: range | None = None, at_once: int = 1000
) -> float:  # fmt: skip
    """Retain a whole corpus; gives the seconds spent in ``retain``."""
    spent = 0.0
    lookup = Lookup()
    with open_store(path, lookup) as memory:
        for number in banks or range(corpus.banks):
            lookup.forget()
            lookup.learn(corpus.texts(number), corpus.vectors(number))
            messages = corpus.messages(number)
            bank = memory.bank(f"b{number}", recipe=recipe)
            # The corpus is the harness's own: its objects must not slow down the collector under the product.
            gc.freeze()
            for start in range(0, len(messages), at_once):
                began = time.perf_counter()
                bank.retain(messages[start : start + at_once])
                spent += time.perf_counter() - began
            gc.unfreeze()
    return spent


if __name__ == "__main__":
    target, count, size, first, last = Path(sys.argv[1]), *map(int, sys.argv[2:6])
    for number in range(first, last):
        seconds = build(target, Corpus(count, size), banks=range(number, number + 1))
        print(f"bank {number}: {size / seconds:.0f} rows/s", flush=True)
