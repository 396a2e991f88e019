"""What a read costs on PostgreSQL beside SQLite, in one run: cold and warm, in time, round trips and memory.

    python benchmarks/postgres_reads.py postgresql://mnemic@localhost/reads --records 10000,100000

Both stores get the same corpus by ``retain``. Cold is the first question to a process that has just opened the store;
warm are later ones. At more than 50,000 records the nearest vectors are also compared with an exact search, before and
after ``tune``. Prints JSON, and a table.
"""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from measure import Clocked, machine, pin, rss_mb

PROFILES = ("fast", "balanced")
QUESTIONS = 40
EXACTLY = 50_000


def main() -> None:
    """Fill both stores, then measure each in processes of its own."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("database", help="an empty database; its schema is named after the number of records")
    parser.add_argument("--records", default="10000")
    parser.add_argument("--folder", type=Path, help="where the SQLite files go, and are kept")
    parser.add_argument("--core", type=int, default=0)
    parser.add_argument("--only", nargs=3, help=argparse.SUPPRESS)
    args = parser.parse_args()
    if args.only:
        print(json.dumps(measured(*args.only, core=args.core)))
        return
    folder = args.folder or Path(tempfile.mkdtemp())
    out: dict[str, Any] = {"machine": machine()}
    for records in args.records.split(","):
        joint = "&" if "?" in args.database else "?"
        stores = {
            "sqlite": str(folder / f"reads-{records}.db"),
            "postgres": f"{args.database}{joint}schema=reads_{records}",
        }
        out[records] = {}
        for name, store in stores.items():
            row = out[records][name] = _run(args, store, records, "fill")
            for step in ("fast", "balanced", *(["tune"] if name == "postgres" and int(records) > EXACTLY else [])):
                row |= _run(args, store, records, step)
    print(json.dumps(out))
    print(table(out))


def _run(args: argparse.Namespace, *only: str) -> dict[str, Any]:
    command = [sys.executable, __file__, args.database, "--core", str(args.core), "--only", *only]
    done = subprocess.run(command, capture_output=True, text=True, cwd=Path(__file__).parent)
    if done.returncode:
        sys.exit(done.stderr)
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


def measured(store: str, records: str, step: str, *, core: int) -> dict[str, Any]:
    """One step in this process."""
    pin(core)
    from corpus import Corpus, Lookup

    from mnemic.recipes import load_recipe
    from store import build, open_store

    corpus, lookup = Corpus(1, int(records)), Lookup()
    if step == "fill":
        with open_store(store, lookup) as memory:  # type: ignore[arg-type]
            if memory.engine.store.bank("b0") is not None:
                return {"rows_per_s": None}
        return {"rows_per_s": round(int(records) / build(store, corpus, load_recipe("default")))}  # type: ignore[arg-type]
    questions = corpus.queries(0, QUESTIONS)
    vectors = corpus.query_vectors(0, QUESTIONS)
    lookup.learn(questions, vectors)
    if step == "tune":
        lookup.learn(corpus.texts(0), corpus.vectors(0))
    before, began = rss_mb(), time.perf_counter()
    with open_store(store, lookup) as memory:  # type: ignore[arg-type]
        opened = time.perf_counter()
        bank = memory.bank("b0")
        if step == "tune":
            exact = {"recall_sketches": recall(memory, corpus, questions, vectors)}
            tuning = time.perf_counter()
            memory.tune("b0")
            exact["tune_s"] = round(time.perf_counter() - tuning, 1)
            return (
                exact
                | {"recall_graph": recall(memory, corpus, questions, vectors)}
                | warm(bank, questions, "fast", "tuned")
            )
        bank.recall(questions[0], profile=step)
        cold = 1000 * (time.perf_counter() - opened)
        loaded = rss_mb()
        told = {f"cold_{step}_ms": round(cold), f"open_{step}_ms": round(1000 * (opened - began))}
        return told | warm(bank, questions, step, step) | {f"memory_{step}_mb": round(loaded - before)}


def warm(bank: Any, questions: list[str], profile: str, name: str) -> dict[str, Any]:
    """Medians of later questions, and how often the server was asked in each."""
    trips = counting()
    clock, asked = Clocked(), []
    for question in questions[1:]:
        trips.clear()
        with clock():
            bank.recall(question, profile=profile)
        asked.append(len(trips))
    figures = clock.summary()
    return {
        f"warm_{name}_ms": figures["p50_ms"], f"warm_{name}_cpu_ms": figures["cpu_p50_ms"],
        f"statements_{name}": round(statistics.median(asked)),
    }  # fmt: skip


def counting() -> list[str]:
    """A list that every statement sent to PostgreSQL is added to."""
    from mnemic.store.postgres.connections import Session

    sent: list[str] = []
    for verb in ("rows", "row", "run", "begun"):
        inner = getattr(Session, verb)

        def noted(self: Session, statement: str, *given: Any, _inner: Any = inner) -> Any:
            sent.append(statement)
            return _inner(self, statement, *given)

        setattr(Session, verb, noted)
    return sent


def recall(memory: Any, corpus: Any, questions: list[str], vectors: Any) -> float:
    """The share of the twenty that are truly nearest which a search by vectors finds."""
    import numpy as np

    from mnemic.core.reading import Where

    rows, found = corpus.vectors(0), []
    for question, vector in zip(questions, vectors, strict=True):
        scores = rows @ vector
        wanted = np.sort(scores)[-20:]
        with memory.engine.view("b0") as view:
            hits = view.dense(question, key="said", k=20, where=Where())
        # By their cosines: which of two equal ones comes in is no error.
        found.append(sum(hit.score >= wanted[0] - 1e-4 for hit in hits) / 20)
    return round(float(np.mean(found)), 4)


def table(out: dict[str, Any]) -> str:
    """The figures as Markdown, with how many times SQLite's each is."""
    lines = ["| records | figure | SQLite | PostgreSQL | times |", "|---|---|---|---|---|"]
    for records, row in out.items():
        for figure, value in row.get("postgres", {}).items():
            beside = row["sqlite"].get(figure)
            times = f"{value / beside:.2f}" if beside and value else ""
            lines.append(f"| {records} | {figure} | {'' if beside is None else beside} | {value} | {times} |")
    return "\n".join(lines)


if __name__ == "__main__":
    main()
