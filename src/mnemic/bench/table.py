"""The result of a benchmark in a terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING

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
    """One line for each system and category; the category's id comes before its name."""
    from rich.table import Table

    table = Table(title=f"{report.suite.name}: evidence found")
    table.add_column("category", no_wrap=True)
    table.add_column("n", justify="right")
    table.add_column("system", no_wrap=True)
    for heading in HEADINGS.values():
        table.add_column(heading, justify="right")
    categories = list(dict.fromkeys(row["category"] for row in report.rows))
    for category in categories:
        found = [row for row in report.rows if row["category"] == category]
        for place, row in enumerate(found):
            label = f"{row['recipe']}@{row['profile']}" if row["profile"] else row["recipe"]
            first = (
                (category_heading(row["category"], row["category_name"]), str(row["n"]))
                if place == 0
                else ("", "")
            )
            figures = (figure(row, column) for column in HEADINGS)
            table.add_row(*first, label, *figures, end_section=place == len(found) - 1)
    return table


def difference_table(report: Report) -> Table:
    """One line for each pair of systems and metric."""
    from rich.table import Table

    table = Table(title="differences over all categories: second minus first, 95 % interval")
    for heading in ("metric", "first", "second"):
        table.add_column(heading, no_wrap=True)
    for heading in ("mean", "interval", "p (Holm)"):
        table.add_column(heading, justify="right")
    for d in report.differences:
        table.add_row(
            d.metric, d.a, d.b, f"{d.mean:+.3f}", f"{d.low:+.3f} to {d.high:+.3f}", p_text(d.p_holm)
        )
    return table
