"""The charts of benchmark reports, by the drawings that benchmarks themselves use; colours are classes of the pages."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from markupsafe import Markup

from mnemic.bench.charts import Series, bars, interval, lines, points
from mnemic.bench.figures import category_heading, p_text
from mnemic.bench.metrics import BUDGETS
from mnemic.serve.dashboard.benchmarks import Pair, Report, label

#: Of more systems than these a drawing of lines cannot be read; the table holds them all.
LINES = 8


def headings(report: Report) -> list[tuple[str, int]]:
    """Categories as they are written for people, with how many questions each has."""
    return [(category_heading(category, title), n) for category, (title, n) in report.categories.items()]


def charts(report: Report) -> list[tuple[str, Markup]]:
    """Every system by what is compared, by the size of a context, and against time; each under its title."""
    rows, metric, title = report.rows, report.metric, report.columns[report.metric]
    names = [label(row) for row in rows]
    out = [(f"{title}, best first", bars(names, [Series(title, 0, tuple((0.0, r[metric]) for r in rows))], title))]
    budgets = [budget for budget in BUDGETS if f"coverage_{budget}" in rows[0]]
    if budgets and len(rows) <= LINES:
        series = [
            Series(label(row), place, tuple((float(b), row[f"coverage_{b}"]) for b in budgets))
            for place, row in enumerate(rows)
        ]
        out.append(("Coverage by tokens of context", lines(series, "coverage by tokens of context", "tokens")))
    timed = [Series(label(row), 0, ((max(row["read_ms_p50"], 0.01), row[metric]),)) for row in rows]
    out.append((f"{title} against the time of a read", points(timed, f"{title} against read time", "read p50, ms")))
    return [(words, Markup(svg)) for words, svg in out]


def side_by_side(before: Report, after: Report, title: str, pairs: Sequence[Pair]) -> Markup:
    """One figure of each system in two reports."""
    both = [
        Series(before.name, 0, tuple((0.0, pair.before) for pair in pairs)),
        Series(after.name, 1, tuple((0.0, pair.after) for pair in pairs)),
    ]
    return Markup(bars([pair.system for pair in pairs], both, f"{title} in both"))


def differences(report: Report) -> list[tuple[Mapping[str, Any], Markup, str]]:
    """Each difference between two systems, with its interval drawn and its p."""
    found = report.data["differences"]
    reach = max((abs(one[side]) for one in found for side in ("low", "high")), default=0.1)
    return [(d, Markup(interval(d["low"], d["mean"], d["high"], reach)), p_text(d["p_holm"])) for d in found]
