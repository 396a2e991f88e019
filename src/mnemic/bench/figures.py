"""How results are written for people: column headings, numbers, names of categories."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mnemic.bench.aggregate import ALL
from mnemic.bench.metrics import BUDGETS, CUTOFFS
from mnemic.bench.outcome import ACCURACY, METRICS
from mnemic.bench.suite import Suite

#: Columns of the tables that people read, with their headings.
HEADINGS = {
    **{f"recall_at_{k}": f"R@{k}" for k in CUTOFFS},
    "mrr": "MRR",
    "ndcg_at_10": "nDCG @10",
    **{f"coverage_{budget}": f"cov {budget}" for budget in BUDGETS},
    "read_ms_p50": "read p50 ms",
    "read_ms_p95": "read p95 ms",
    "write_ms_p50": "write p50 ms",
    "write_ms_p95": "write p95 ms",
    "tokens": "tokens",
    "calls": "calls",
    "bytes": "MB",
}


def headings_of(suite: Suite) -> dict[str, str]:
    """The columns of a suite's tables, with their headings.

    >>> from mnemic.bench.suite import Suite
    >>> headings_of(Suite("s", ())) == HEADINGS
    True
    """
    rest = {column: heading for column, heading in HEADINGS.items() if column not in METRICS}
    return {ACCURACY: ACCURACY, **rest} if suite.answered else dict(HEADINGS)


#: What was asked of a language model: calls and tokens, for an event taken in and for a read.
MODEL_HEADINGS = {
    "write_calls": "write calls",
    "write_asked": "write tokens",
    "idle_calls": "idle calls",
    "idle_asked": "idle tokens",
    "calls": "read calls",
    "asked": "read tokens",
}


def figure(row: Mapping[str, Any], column: str) -> str:
    """A row's value as it is printed.

    >>> figure({"mrr": 0.51234, "bytes": 2_500_000, "tokens": 1432.4}, "bytes")
    '2.5'
    """
    value = row[column]
    if column in METRICS or column == ACCURACY:
        return f"{value:.3f}"
    if column == "bytes":
        return f"{value / 1e6:.1f}"
    if column == "tokens" or column.endswith("asked"):
        return f"{value:.0f}"
    return f"{value:.2f}"


def p_text(p: float) -> str:
    """A p value as it is printed.

    >>> p_text(0.0002), p_text(0.04)
    ('< 0.001', '0.040')
    """
    return "< 0.001" if p < 0.001 else f"{p:.3f}"


def category_heading(category: str, name: str) -> str:
    """A category's id with its name; an id that says its name is written once.

    >>> category_heading("1", "multi-hop"), category_heading("1-4", "categories 1-4")
    ('1 multi-hop', 'categories 1-4')
    >>> category_heading("event_ordering", "event ordering"), category_heading("all", "all categories")
    ('event_ordering', 'all categories')
    """
    if category == ALL or name == f"categories {category}":
        return name
    return category if category.replace("_", " ") == name else f"{category} {name}"
