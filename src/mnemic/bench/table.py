"""The result of a benchmark in a terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mnemic.bench.aggregate import sections
from mnemic.bench.figures import HEADINGS, category_heading, figure, p_text
from mnemic.bench.report import Report

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table


def print_report(report: Report, console: Console) -> None:
    """Print the rows by category, the differences between systems, and the notes."""
    console.print(result_table(report))
    if report.differences:
        console.print(difference_table(report))
    for note in report.notes():
        console.print(f"- {note}", markup=False, highlight=False)


def result_table(report: Report) -> Table:
    """One line for each system, under a line for each category: its id, its name, its number of questions."""
    from rich import box
    from rich.table import Table
    from rich.text import Text

    table = Table(title=Text(f"{report.suite.name}: evidence found"), box=box.SIMPLE_HEAD, padding=(0, 1, 0, 0))
    table.add_column("", no_wrap=True)
    for heading in HEADINGS.values():
        table.add_column(heading, justify="right")
    for category, name, _ in sections(report.suite):
        found = [report.row(run, category) for run in report.runs]
        size = f"{category_heading(category, name)} (n {found[0]['n']})"
        table.add_row(Text(size, style="bold"))
        for place, (run, row) in enumerate(zip(report.runs, found, strict=True)):
            figures = (figure(row, column) for column in HEADINGS)
            table.add_row(Text(f"  {run.label}"), *figures, end_section=place == len(found) - 1)
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
