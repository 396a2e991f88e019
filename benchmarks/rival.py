"""How another product is measured: the same texts, vectors and questions, beside the same numpy floor."""

from __future__ import annotations

import json
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from measure import Clocked, pin, ratio, turn_by_turn

QUESTIONS = 50
SINGLES = 20


def measure_rival(product: Any, argv: list[str], *, at_once: int) -> None:
    """``RECORDS CORE FOLDER CAP``: print the figures as JSON; stop filling after CAP seconds and say so."""
    pin(int(argv[2]))
    import numpy as np
    from corpus import Corpus, Lookup

    records, folder, cap = int(argv[1]), Path(argv[3]), float(argv[4])
    corpus, lookup = Corpus(1, records), Lookup()
    texts, matrix = corpus.texts(0), corpus.vectors(0)
    lookup.learn(texts, matrix)
    with tempfile.TemporaryDirectory(dir=folder, ignore_cleanup_errors=True) as made:
        rival = product(Path(made), lookup)
        out: dict[str, Any] = {"product": rival.name, "version": rival.version, "records": records}
        began, cpu, stored = time.perf_counter(), time.process_time(), 0
        while stored < records and time.perf_counter() - began < cap:
            rival.add(texts[stored : stored + at_once])
            stored = min(records, stored + at_once)
        spent = time.perf_counter() - began
        out["bulk_rows_per_s"] = round(stored / spent)
        out["bulk_cpu_ms_per_row"] = round(1000 * (time.process_time() - cpu) / stored, 3)
        if stored < records:
            out["unfinished"] = f"{stored} of {records} records in {cap:.0f} s"
        else:
            questions = corpus.queries(0, QUESTIONS)
            lookup.learn(questions, corpus.query_vectors(0, QUESTIONS))

            def floor(question: str) -> list[str]:
                scores = matrix @ lookup.vectors([question])[0]
                best = np.argpartition(scores, -20)[-20:]
                return [texts[i] for i in best[np.argsort(-scores[best])]]

            out["read"] = turn_by_turn(questions, floor=floor, search=rival.search)
            out["read_ratio"] = {"search": ratio(out["read"], "search")}
            extra = Corpus(1, SINGLES, seed=corpus.seed + 100)
            lookup.learn(extra.texts(0), extra.vectors(0))
            single = Clocked()
            for text in extra.texts(0):
                with single():
                    rival.add([text])
            out["retain_one"] = single.summary()
        files = [path for path in Path(made).rglob("*") if path.is_file()]
        out["bytes_per_record"] = round(sum(path.stat().st_size for path in files) / stored)
    print(json.dumps(out))
    sys.stdout.flush()
