"""Measures mnemic on one bank of N records: bulk retain, durable retains, reading, each beside its floor."""

from __future__ import annotations

import json
import sys
import tempfile
from pathlib import Path
from typing import Any

from measure import Clocked, commit_floor, pin, ratio, turn_by_turn

pin(int(sys.argv[2]))

import numpy as np  # noqa: E402
from corpus import Corpus, Lookup  # noqa: E402
from numpy.typing import NDArray  # noqa: E402
from precomputed import RealQuery  # noqa: E402

from store import build, open_store  # noqa: E402

QUESTIONS = 100
SINGLES = 40


def numpy_floor(matrix: NDArray[np.float32], texts: list[str], embed: Any) -> Any:
    """Embed the question, one product with all vectors, the best twenty of them, and their texts."""

    def read(question: str) -> list[str]:
        scores = matrix @ embed(question)
        best = np.argpartition(scores, -20)[-20:]
        return [texts[i] for i in best[np.argsort(-scores[best])]]

    return read


def main() -> None:
    """Print the figures as JSON."""
    records, folder = int(sys.argv[1]), Path(sys.argv[3])
    corpus, lookup = Corpus(1, records), Lookup()
    with tempfile.TemporaryDirectory(dir=folder) as made:
        path = Path(made) / "agent.db"
        bulk = Clocked()
        with bulk():
            seconds = build(path, corpus)
        out: dict[str, Any] = {"records": records, "bulk_rows_per_s": round(records / seconds)}
        questions = corpus.queries(0, QUESTIONS)
        texts, matrix = corpus.texts(0), corpus.vectors(0)
        lookup.learn(questions, corpus.query_vectors(0, QUESTIONS))
        with open_store(path, lookup) as memory:
            out["bytes_per_record"] = round(memory.engine.store.size() / records)
            bank = memory.bank("b0")
            embedder = memory.engine.models.load_embedder()
            calls = {
                "floor": numpy_floor(matrix, texts, embedder.embed_query),
                "search_dense": lambda q: bank.search(q, profile="dense"),
                "recall_dense": lambda q: bank.recall(q, profile="dense"),
                "search_hybrid": lambda q: bank.search(q, profile="hybrid"),
                "recall_hybrid": lambda q: bank.recall(q, profile="hybrid"),
                "search_default": lambda q: bank.search(q),
                "recall_default": lambda q: bank.recall(q),
            }
            out["read"] = measured = turn_by_turn(questions, **calls)
            out["read_ratio"] = {name: ratio(measured, name) for name in calls if name != "floor"}
            real = RealQuery.load(lookup)
            if real is not None:
                memory.engine.models._embedder = real
                calls["floor"] = numpy_floor(matrix, texts, real.embed_query)
                chosen = {name: calls[name] for name in ("floor", "search_dense", "recall_dense", "recall_default")}
                out["read_embedded"] = measured = turn_by_turn(questions[:60], **chosen)
                out["read_embedded_ratio"] = {name: ratio(measured, name) for name in chosen if name != "floor"}
            extra = Corpus(1, SINGLES, seed=corpus.seed + 100)
            lookup.learn(extra.texts(0), extra.vectors(0))
            single = Clocked()
            for message in extra.messages(0):
                with single():
                    bank.retain(message)
            out["retain_one"] = single.summary()
            out["commit_floor"] = floor = commit_floor(Path(made))
            out["retain_one_ratio"] = round(out["retain_one"]["p50_ms"] / floor["sqlite_row"]["p50_ms"], 2)
    print(json.dumps(out))


if __name__ == "__main__":
    main()
