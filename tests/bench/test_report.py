"""Rows, the terminal's table and the page."""

from __future__ import annotations

import io
import json
import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from rich.console import Console

from mnemic.bench.report import Report
from mnemic.bench.runner import Runner, System
from mnemic.bench.suite import Suite
from mnemic.bench.table import print_report

from .conftest import FakeRecipe

COLUMNS = [
    *("recipe", "profile", "category", "n"),
    *("recall_at_5", "recall_at_10", "recall_at_20", "mrr", "ndcg_at_10"),
    *("coverage_500", "coverage_1500", "coverage_4000"),
    *("read_ms_p50", "read_ms_p95", "write_ms_p50", "write_ms_p95", "tokens", "calls"),
]


@pytest.fixture
def report(runner: Callable[..., Runner], diary: Suite) -> Report:
    suite = replace(diary, groups={"1-4": ("1", "3")})
    systems = [System(FakeRecipe("words")), System(FakeRecipe("<newest>", newest=True), "fast")]
    return Report(suite, runner(suite).run(systems), {"machine": "a test"})


def test_rows_have_the_agreed_columns(report: Report) -> None:
    for row in report.rows:
        agreed = [column for column in row if column not in ("category_name", "bytes")]
        assert agreed[: len(COLUMNS)] == COLUMNS
    assert [(row["recipe"], row["category"], row["n"]) for row in report.rows[:4]] == [
        ("words", "1", 2),
        ("words", "2", 2),
        ("words", "1-4", 2),
        ("words", "all", 4),
    ]


def test_a_group_leaves_out_other_categories(report: Report) -> None:
    first, second, group, everything = report.rows[:4]
    assert group["recall_at_5"] == first["recall_at_5"]
    assert everything["mrr"] == pytest.approx((first["mrr"] + second["mrr"]) / 2)


def test_rows_by_hand(report: Report) -> None:
    row = report.rows[3]
    assert row["recall_at_10"] == 1
    # First gold at rank 2, 1, 1, 1.
    assert row["mrr"] == pytest.approx((0.5 + 1 + 1 + 1) / 4)
    assert (row["read_ms_p50"], row["write_ms_p95"], row["calls"]) == (2.0, 10.0, 1.0)
    assert row["tokens"] > 0


def test_json_holds_rows_differences_and_what_was_dropped(report: Report) -> None:
    data = json.loads(json.dumps(report.to_json()))
    assert data["rows"] == report.rows
    assert [d["metric"] for d in data["differences"]] == ["recall_at_10", "mrr", "coverage_1500"]
    assert data["dropped"] == {"unresolved": [["boris:q1", "m9"]], "without_evidence": {"2": 1}}


def test_the_page_needs_nothing_but_itself(report: Report, tmp_path: Path) -> None:
    data, page = report.write(tmp_path / "out")
    html = page.read_text(encoding="utf-8")
    assert not re.search(r"https?://|<script|<link|@import|url\(|\bsrc=", html)
    assert "prefers-color-scheme: dark" in html
    assert "&lt;newest&gt;@fast" in html
    assert "<newest>" not in html
    assert "1 places (n 2)" in html
    assert "$" not in html
    assert html.count("<svg") == 3 + len(report.differences)
    assert json.loads(data.read_text(encoding="utf-8"))["rows"] == report.rows


def test_the_terminal_shows_id_name_and_what_was_dropped(report: Report) -> None:
    console = Console(file=io.StringIO(), width=220)
    print_report(report, console)
    text = console.file.getvalue()  # type: ignore[attr-defined]
    for expected in (
        "1 places",
        "2 animals",
        "words",
        "<newest>@fast",
        "p (Holm)",
        "1 gold ids name no event",
    ):
        assert expected in text


def test_figures_stay_whole_in_a_narrow_terminal(report: Report) -> None:
    console = Console(file=io.StringIO(), width=80)
    print_report(report, console)
    text = console.file.getvalue()  # type: ignore[attr-defined]
    assert "…" not in text
    assert f"{report.rows[3]['mrr']:.3f}" in text


def test_one_system_alone_is_reported_without_differences(runner: Callable[..., Runner], diary: Suite) -> None:
    report = Report(diary, runner().run([System(FakeRecipe())]), {})
    assert report.differences == []
    console = Console(file=io.StringIO(), width=200)
    print_report(report, console)
    assert "differences" not in console.file.getvalue()  # type: ignore[attr-defined]
