"""The result of a benchmark as one HTML page that needs nothing besides itself."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape
from importlib.resources import files
from string import Template
from typing import Any

from mnemic.bench.aggregate import sections
from mnemic.bench.charts import COLOURS, Series, bars, interval, lines, points
from mnemic.bench.compare import RESAMPLES
from mnemic.bench.figures import MODEL_HEADINGS, category_heading, figure, headings_of, p_text
from mnemic.bench.metrics import BUDGETS
from mnemic.bench.outcome import ACCURACY, metrics_of
from mnemic.bench.report import Report


def html_page(report: Report) -> str:
    """The page: overview, charts, differences, all figures, and how they came about."""
    template = Template(files("mnemic.bench").joinpath("report.html").read_text(encoding="utf-8"))
    suite, runs = report.suite, report.runs
    named = [(category, category_heading(category, name)) for category, name, _ in sections(suite)]
    scope = dict(named)[report.headline]
    lead = _lead(report).replace("_at_", "@")
    return template.substitute(
        title=escape(f"mnemic bench: {suite.name}"),
        lead=escape(f"{len(suite.probes)} questions, {len(runs)} {'system' if len(runs) == 1 else 'systems'}."),
        palette=_palette(),
        overview_note=escape(f"Over {scope}."),
        overview=_table(report, [(report.headline, "")]),
        legend=_legend(report),
        categories=bars([name for _, name in named], _by_category(report), f"{lead} by category"),
        budget=_budgets(report),
        latency=points(_by_latency(report), f"{lead} against read latency", "read p50, ms"),
        scope=escape(scope),
        difference_note=escape(_difference_note(report)),
        differences=_difference_table(report),
        table=_table(report, named),
        notes="".join(f"<li>{escape(note)}</li>" for note in report.notes()),
    )


def _palette() -> str:
    fills = (f".s{i} {{ fill: var(--c{i}); background: var(--c{i}); }}" for i in range(COLOURS))
    strokes = (f"polyline.s{i} {{ fill: none; stroke: var(--c{i}); }}" for i in range(COLOURS))
    return "\n".join([*fills, *strokes])


def _by_category(report: Report) -> list[Series]:
    categories = [category for category, _, _ in sections(report.suite)]
    return [
        Series(run.label, i, tuple((0.0, report.row(run, category)[_lead(report)]) for category in categories))
        for i, run in enumerate(report.runs)
    ]


def _by_budget(report: Report) -> list[Series]:
    return [
        Series(run.label, i, tuple((b, report.row(run, report.headline)[f"coverage_{b}"]) for b in BUDGETS))
        for i, run in enumerate(report.runs)
    ]


def _budgets(report: Report) -> str:
    if not report.suite.answered:
        return lines(_by_budget(report), "coverage by token budget", "tokens")
    found = [report.row(run, report.headline) for run in report.runs]
    series = [
        Series(run.label, i, ((max(row["tokens"], 1.0), row[ACCURACY]),))
        for i, (run, row) in enumerate(zip(report.runs, found, strict=True))
    ]
    return points(series, "accuracy against tokens of a context", "tokens")


def _lead(report: Report) -> str:
    return ACCURACY if report.suite.answered else "recall_at_10"


def _by_latency(report: Report) -> list[Series]:
    found = [report.row(run, report.headline) for run in report.runs]
    return [
        # A logarithmic axis has no zero; a hundredth of a millisecond stands for it.
        Series(run.label, i, ((max(row["read_ms_p50"], 0.01), row[_lead(report)]),))
        for i, (run, row) in enumerate(zip(report.runs, found, strict=True))
    ]


def _legend(report: Report) -> str:
    entries = (f'<span><i class="s{i % COLOURS}"></i>{escape(run.label)}</span>' for i, run in enumerate(report.runs))
    return f'<div class="legend">{"".join(entries)}</div>'


def _table(report: Report, categories: Sequence[tuple[str, str]]) -> str:
    asked = MODEL_HEADINGS if any(run.language_model for run in report.runs) else {}
    columns = headings_of(report.suite) | asked
    head = "".join(f"<th>{escape(heading)}</th>" for heading in columns.values())
    body = []
    for category, name in categories:
        found = [report.row(run, category) for run in report.runs]
        if name:
            size = f"{escape(name)} (n {found[0]['n']})"
            body.append(f'<tr class="head"><td colspan="{len(columns) + 1}">{size}</td></tr>')
        best = (
            {metric: max(row[metric] for row in found) for metric in metrics_of(report.suite)} if len(found) > 1 else {}
        )
        for run, row in zip(report.runs, found, strict=True):
            cells = "".join(f"<td{_marked(row, column, best)}>{figure(row, column)}</td>" for column in columns)
            body.append(f'<tr><td class="t">{escape(run.label)}</td>{cells}</tr>')
    for failure in report.failures:
        error = escape(failure.error)
        body.append(f'<tr><td class="t">{escape(failure.label)}</td><td colspan="{len(columns)}">{error}</td></tr>')
    return f'<table><thead><tr><th class="t">system</th>{head}</tr></thead><tbody>{"".join(body)}</tbody></table>'


def _difference_note(report: Report) -> str:
    if not report.differences:
        return "There is one system only: nothing to compare."
    return (
        f"Second minus first over all categories, with 95 % intervals of {RESAMPLES:,} paired bootstrap "
        "resamples of the questions; p is Holm-corrected over the whole table."
    )


def _difference_table(report: Report) -> str:
    if not report.differences:
        return ""
    reach = max(max(abs(d.low), abs(d.high)) for d in report.differences)
    head = "".join(f'<th class="t">{h}</th>' for h in ("metric", "first", "second", "−  0  +"))
    head += "".join(f"<th>{h}</th>" for h in ("mean", "95 % interval", "p (Holm)"))
    body = "".join(
        f'<tr><td class="t">{d.metric}</td><td class="t">{escape(d.a)}</td>'
        f'<td class="t">{escape(d.b)}</td><td class="t">{interval(d.low, d.mean, d.high, reach)}</td>'
        f"<td>{d.mean:+.3f}</td><td>{d.low:+.3f} to {d.high:+.3f}</td><td>{p_text(d.p_holm)}</td></tr>"
        for d in report.differences
    )
    return f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"


def _marked(row: Mapping[str, Any], column: str, best: Mapping[str, float]) -> str:
    return ' class="best"' if column in best and row[column] == best[column] and best[column] > 0 else ""
