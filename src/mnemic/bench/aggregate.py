"""Rows of the result tables: means by category, latencies as percentiles, one row for each recipe."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from mnemic.bench.outcome import METRICS, Run, Writing, metrics_of, score
from mnemic.bench.suite import Probe, Suite

#: The row that joins every category.
ALL = "all"


def rows(suite: Suite, runs: Sequence[Run]) -> list[dict[str, Any]]:
    """One row for each run and category, then for each group and for all.

    ``read_ms_*`` are percentiles over the probes of the row; ``write_ms_*`` over all retained events of the
    run, an event's latency being its session's write time divided by the session's events; ``idle_ms`` is the time
    of consolidation for an event; ``tokens`` is the mean size of the context of 1500 tokens; ``bytes`` the size of
    all stores of the run together. ``calls`` and ``asked`` are the mean number of language-model calls of a read and
    of their tokens, ``write_*`` and ``idle_*`` the same for an event retained and consolidated. Write figures and
    bytes are the same in every row of a run; ``language_model`` says who answered.
    """
    return [row for run in runs for row in _rows_of(suite, run)]


def metric_values(suite: Suite, run: Run, metric: str) -> list[float]:
    """A run's values of one metric, probe by probe in the suite's order: what runs are compared on."""
    return [score(run.readings[probe.id], probe)[metric] for probe in suite.probes]


def sections(suite: Suite) -> list[tuple[str, str, tuple[str, ...]]]:
    """The rows that each run has: category or group, its name, and the category ids that it joins.

    >>> from mnemic.bench.suite import Conversation
    >>> from mnemic.core.times import instant
    >>> probes = (Probe("q1", "?", "1", "facts", ("e",), "", instant("2026-01-01")),)
    >>> sections(Suite("s", (Conversation("c", (), probes),)))
    [('1', 'facts', ('1',)), ('all', 'all categories', ('1',))]
    """
    categories = suite.categories
    singles = [(category, name, (category,)) for category, name in categories.items()]
    groups = [
        (group, f"categories {group}", present)
        for group, members in suite.groups.items()
        if (present := tuple(category for category in members if category in categories))
    ]
    return [*singles, *groups, (ALL, "all categories", tuple(categories))]


def _rows_of(suite: Suite, run: Run) -> list[dict[str, Any]]:
    scores = {probe.id: score(run.readings[probe.id], probe) for probe in suite.probes}
    written = _write_figures(run.writings)
    out = []
    for category, name, members in sections(suite):
        probes = [probe for probe in suite.probes if probe.category in members]
        row: dict[str, Any] = {
            "recipe": run.recipe,
            "profile": run.profile,
            "category": category,
            "category_name": name,
            "n": len(probes),
            **{metric: _mean([scores[probe.id][metric] for probe in probes]) for metric in metrics_of(suite)},
            **_read_figures(run, probes),
            **written,
            "language_model": run.language_model,
        }
        out.append({column: row[column] for column in columns_of(suite)})
    return out


#: Columns of a row of evidence found, in order.
COLUMNS = (
    *("recipe", "profile", "category", "category_name", "n"),
    *METRICS,
    *("read_ms_p50", "read_ms_p95", "write_ms_p50", "write_ms_p95", "tokens", "calls", "bytes"),
    *("idle_ms", "asked", "write_calls", "write_asked", "idle_calls", "idle_asked", "language_model"),
)


def columns_of(suite: Suite) -> tuple[str, ...]:
    """The columns of a suite's rows, in order.

    >>> columns_of(Suite("s", ())) == COLUMNS
    True
    """
    place, metrics = COLUMNS.index(METRICS[0]), metrics_of(suite)
    return (*COLUMNS[:place], *metrics, *COLUMNS[place + len(METRICS) :])


def _read_figures(run: Run, probes: Sequence[Probe]) -> dict[str, float]:
    readings = [run.readings[probe.id] for probe in probes]
    times = [reading.ms for reading in readings]
    return {
        "read_ms_p50": _percentile(times, 50),
        "read_ms_p95": _percentile(times, 95),
        "tokens": round(_mean([reading.tokens[1500] for reading in readings]), 1),
        "calls": _mean([reading.calls for reading in readings]),
        "asked": round(_mean([reading.asked for reading in readings]), 1),
    }


def _write_figures(writings: Sequence[Writing]) -> dict[str, float]:
    sessions = [session for writing in writings for session in writing.sessions]
    events = np.array([held for held, _ in sessions], dtype=np.int64)
    count = max(1, int(events.sum()))
    each = np.repeat([ms / held for held, ms in sessions], events).tolist()
    return {
        "write_ms_p50": _percentile(each, 50),
        "write_ms_p95": _percentile(each, 95),
        "idle_ms": round(sum(writing.idle_ms for writing in writings) / count, 3),
        "bytes": sum(writing.bytes for writing in writings),
        "write_calls": round(sum(writing.write.calls for writing in writings) / count, 4),
        "write_asked": round(sum(writing.write.tokens for writing in writings) / count, 1),
        "idle_calls": round(sum(writing.idle.calls for writing in writings) / count, 4),
        "idle_asked": round(sum(writing.idle.tokens for writing in writings) / count, 1),
    }


def _mean(values: Sequence[float]) -> float:
    return round(float(np.mean(values)), 6) if values else 0.0


def _percentile(values: Sequence[float], share: float) -> float:
    return round(float(np.percentile(values, share)), 3) if values else 0.0
