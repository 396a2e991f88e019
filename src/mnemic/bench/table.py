"""The result of a benchmark in a terminal."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from mnemic.bench.aggregate import ALL, sections
from mnemic.bench.figures import HEADINGS, MODEL_HEADINGS, category_heading, figure, p_text
from mnemic.bench.outcome import METRICS, metrics_of
from mnemic.bench.report import Report

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table


def print_report(report: Report, console: Console) -> None:
    """Print the evidence found by category, what it cost, the differences between systems, and the notes."""
    console.print(evidence_table(report))
    console.print(cost_table(report))
    if any(run.language_model for run in report.runs):
        console.print(model_table(report))
    if report.differences:
        console.print(difference_table(report))
    for failure in report.failures:
        console.print(f"failed: {failure.label}: {failure.error}", markup=False, highlight=False)
    for note in report.notes():
        console.print(f"- {note}", markup=False, highlight=False)


def evidence_table(report: Report) -> Table:
    """One line for each system, under a line for each category: its id, its name, its number of questions."""
    from rich.text import Text

    metrics = metrics_of(report.suite)
    title = "answers" if report.suite.answered else "evidence found"
    table = _table(f"{report.suite.name}: {title}", ("n", *metrics))
    for category, name, _ in sections(report.suite):
        found = [report.row(run, category) for run in report.runs]
        table.add_row(Text(category_heading(category, name), style="bold"), Text(str(found[0]["n"]), style="bold"))
        for place, (run, row) in enumerate(zip(report.runs, found, strict=True)):
            figures = (figure(row, column) for column in metrics)
            table.add_row(Text(f"  {run.label}"), "", *figures, end_section=place == len(found) - 1)
    for failure in report.failures:
        table.add_row(Text(f"  {failure.label}"), "failed")
    return table


def cost_table(report: Report) -> Table:
    """One line for each system: latencies, tokens, calls and size, over all categories."""
    from rich.text import Text

    columns = [column for column in HEADINGS if column not in METRICS]
    table = _table("cost over all categories", columns)
    for run in report.runs:
        row = report.row(run, ALL)
        table.add_row(Text(f"  {run.label}"), *(figure(row, column) for column in columns))
    return table


def model_table(report: Report) -> Table:
    """One line for each system that asks a language model: calls and tokens an event taken in, and a read."""
    from rich.text import Text

    table = _table("asked of a language model, an event and a read", tuple(MODEL_HEADINGS))
    for run in report.runs:
        if run.language_model:
            row = report.row(run, ALL)
            table.add_row(Text(f"  {run.label}"), *(figure(row, column) for column in MODEL_HEADINGS))
    return table


def difference_table(report: Report) -> Table:
    """One line for each pair of systems and metric."""
    from rich import box
    from rich.table import Table
    from rich.text import Text

    title = "differences over all categories: second minus first, 95 % interval"
    table = Table(title=title, box=box.SIMPLE_HEAD, padding=(0, 1, 0, 0))
    for heading in ("metric", "first", "second"):
        table.add_column(heading, no_wrap=True)
    for heading in ("mean", "interval", "p (Holm)"):
        table.add_column(heading, justify="right")
    for d in report.differences:
        interval = f"{d.low:+.3f} to {d.high:+.3f}"
        table.add_row(d.metric, Text(d.a), Text(d.b), f"{d.mean:+.3f}", interval, p_text(d.p_holm))
    return table


def _table(title: str, columns: Sequence[str]) -> Table:
    from rich import box
    from rich.table import Table
    from rich.text import Text

    table = Table(title=Text(title), box=box.SIMPLE_HEAD, padding=0)
    table.add_column("", no_wrap=True)
    for column in columns:
        # Headings may break into two lines, figures may not.
        heading = (HEADINGS | MODEL_HEADINGS).get(column, column)
        table.add_column(heading, justify="right", min_width=4 if column == "n" else 5)
    return table
