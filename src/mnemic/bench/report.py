"""The result of a benchmark: as JSON, and as one HTML page that needs nothing besides itself."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from html import escape
from importlib.resources import files
from pathlib import Path
from string import Template
from typing import Any

from mnemic.bench.aggregate import ALL, rows, sections
from mnemic.bench.charts import COLOURS, Series, bars, interval, lines, points
from mnemic.bench.compare import RESAMPLES, Difference, compare
from mnemic.bench.journal import write_whole
from mnemic.bench.metrics import BUDGETS
from mnemic.bench.outcome import METRICS, Run
from mnemic.bench.runner import DEPTH
from mnemic.bench.suite import Suite

#: Columns of the tables that people read, with their headings.
HEADINGS = {
    **{f"recall_at_{k}": f"R@{k}" for k in (5, 10, 20)},
    "mrr": "MRR",
    "ndcg_at_10": "nDCG@10",
    **{f"coverage_{budget}": f"cov {budget}" for budget in BUDGETS},
    "read_ms_p50": "read p50 ms",
    "read_ms_p95": "read p95 ms",
    "write_ms_p50": "write p50 ms",
    "write_ms_p95": "write p95 ms",
    "tokens": "tokens",
    "calls": "calls",
    "bytes": "MB",
}


@dataclass(frozen=True)
class Report:
    """What was measured of several systems on one suite.

    ``about`` tells of the machine, the versions and the models; it is printed as it stands.
    """

    suite: Suite
    runs: Sequence[Run]
    about: Mapping[str, str]
    seed: int = 0

    @cached_property
    def rows(self) -> list[dict[str, Any]]:
        """One row for each run and category; see :func:`mnemic.bench.aggregate.rows`."""
        return rows(self.suite, self.runs)

    @cached_property
    def differences(self) -> list[Difference]:
        """Every pair of runs; see :func:`mnemic.bench.compare.compare`."""
        return compare(self.suite, self.runs, self.seed)

    def to_json(self) -> dict[str, Any]:
        """A JSON object with ``rows``, ``differences`` and what was dropped from the data."""
        return {
            "suite": self.suite.name,
            "conversations": len(self.suite.conversations),
            "events": self.suite.events,
            "questions": len(self.suite.probes),
            "rows": self.rows,
            "differences": [difference.to_json() for difference in self.differences],
            "dropped": self.suite.dropped.to_json(),
            "about": dict(self.about),
        }

    def write(self, out: Path) -> tuple[Path, Path]:
        """Write ``rows.json`` and ``report.html`` into a folder; gives both paths."""
        data, page = out / "rows.json", out / "report.html"
        write_whole(data, json.dumps(self.to_json(), indent=1, ensure_ascii=False))
        write_whole(page, self.html())
        return data, page

    def notes(self) -> list[str]:
        """What a reader has to know: the size of the data, what was dropped, how times are meant."""
        dropped = self.suite.dropped
        held = self.suite.events / max(1, len(self.suite.conversations))
        out = [
            f"{len(self.suite.probes)} questions on {len(self.suite.conversations)} conversations of "
            f"{held:.0f} events on average, of which 20 events are {min(1.0, 20 / max(held, 1)):.1%}.",
            "No answer is judged: the score is whether the events that hold the answer were found.",
            f"A search gives the {DEPTH} best records; a record counts as its events, in their order.",
            "Read time is one retrieval and a context for each of the three budgets. Write time is a session's "
            "retain and close divided by its events; its percentiles are over events.",
        ]
        if dropped.questions:
            by = ", ".join(f"{category}: {count}" for category, count in dropped.without_evidence.items())
            out.append(
                f"{dropped.questions} questions have no evidence and are left out (by category: {by})."
            )
        if dropped.unresolved:
            ids = ", ".join(f"{gold} of {probe}" for probe, gold in dropped.unresolved[:5])
            more = ", ..." if len(dropped.unresolved) > 5 else ""
            out.append(f"{len(dropped.unresolved)} gold ids name no event and are left out ({ids}{more}).")
        out += [f"{name}: {text}" for name, text in self.about.items()]
        return out

    @property
    def headline(self) -> str:
        """The group or category that sums the suite up: the first group, else all."""
        return next(iter(self.suite.groups), ALL)

    def html(self) -> str:
        """The page."""
        template = Template(files("mnemic.bench").joinpath("report.html").read_text(encoding="utf-8"))
        named = [(category, _named(category, name)) for category, name, _ in sections(self.suite)]
        scope = dict(named)[self.headline]
        palette = "\n".join(
            f".s{i}, i.s{i} {{ fill: var(--c{i}); background: var(--c{i}); }} polyline.s{i} {{ fill: none; "
            f"stroke: var(--c{i}); }}"
            for i in range(COLOURS)
        )
        return template.substitute(
            title=escape(f"mnemic bench: {self.suite.name}"),
            lead=escape(f"{len(self.suite.probes)} questions, {len(self.runs)} systems."),
            palette=palette,
            overview_note=escape(f"Over {scope}."),
            overview=self._table([(self.headline, "")]),
            legend=self._legend(),
            categories=bars([name for _, name in named], self._by_category(), "recall@10 by category"),
            budget=lines(self._by_budget(), "coverage by token budget", "tokens"),
            latency=points(self._by_latency(), "recall@10 against read latency", "read p50, ms"),
            scope=escape(scope),
            difference_note=escape(
                f"Second minus first over all categories, with 95 % intervals of {RESAMPLES:,} paired bootstrap "
                "resamples of the questions; p is Holm-corrected over the whole table."
                if self.differences
                else "There is one system only: nothing to compare."
            ),
            differences=self._difference_table(),
            table=self._table(named),
            notes="".join(f"<li>{escape(note)}</li>" for note in self.notes()),
        )

    def _of(self, run: Run, category: str) -> dict[str, Any]:
        key = (run.recipe, run.profile, category)
        return next(row for row in self.rows if (row["recipe"], row["profile"], row["category"]) == key)

    def _by_category(self) -> list[Series]:
        categories = [category for category, _, _ in sections(self.suite)]
        return [
            Series(
                run.label, i, tuple((0.0, self._of(run, category)["recall_at_10"]) for category in categories)
            )
            for i, run in enumerate(self.runs)
        ]

    def _by_budget(self) -> list[Series]:
        return [
            Series(run.label, i, tuple((b, self._of(run, self.headline)[f"coverage_{b}"]) for b in BUDGETS))
            for i, run in enumerate(self.runs)
        ]

    def _by_latency(self) -> list[Series]:
        found = [self._of(run, self.headline) for run in self.runs]
        return [
            Series(run.label, i, ((max(row["read_ms_p50"], 0.01), row["recall_at_10"]),))
            for i, (run, row) in enumerate(zip(self.runs, found, strict=True))
        ]

    def _legend(self) -> str:
        entries = (
            f'<span><i class="s{i % COLOURS}"></i>{escape(run.label)}</span>'
            for i, run in enumerate(self.runs)
        )
        return f'<div class="legend">{"".join(entries)}</div>'

    def _table(self, categories: Sequence[tuple[str, str]]) -> str:
        head = "".join(f"<th>{escape(heading)}</th>" for heading in HEADINGS.values())
        body = []
        for category, name in categories:
            found = [self._of(run, category) for run in self.runs]
            if name:
                size = f"{escape(name)} (n {found[0]['n']})"
                body.append(f'<tr class="head"><td colspan="{len(HEADINGS) + 1}">{size}</td></tr>')
            best = {metric: max(row[metric] for row in found) for metric in METRICS} if len(found) > 1 else {}
            for run, row in zip(self.runs, found, strict=True):
                cells = "".join(
                    f"<td{_marked(row, column, best)}>{figure(row, column)}</td>" for column in HEADINGS
                )
                body.append(f'<tr><td class="t">{escape(run.label)}</td>{cells}</tr>')
        return f'<table><thead><tr><th class="t">system</th>{head}</tr></thead><tbody>{"".join(body)}</tbody></table>'

    def _difference_table(self) -> str:
        if not self.differences:
            return ""
        reach = max(max(abs(d.low), abs(d.high)) for d in self.differences)
        head = "".join(f'<th class="t">{h}</th>' for h in ("metric", "first", "second", "−  0  +"))
        head += "".join(f"<th>{h}</th>" for h in ("mean", "95 % interval", "p (Holm)"))
        body = "".join(
            f'<tr><td class="t">{d.metric}</td><td class="t">{escape(d.a)}</td><td class="t">{escape(d.b)}</td>'
            f'<td class="t">{interval(d.low, d.mean, d.high, reach)}</td><td>{d.mean:+.3f}</td>'
            f"<td>{d.low:+.3f} to {d.high:+.3f}</td><td>{p_text(d.p_holm)}</td></tr>"
            for d in self.differences
        )
        return f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"


def figure(row: Mapping[str, Any], column: str) -> str:
    """A row's value as it is printed.

    >>> figure({"mrr": 0.51234, "bytes": 2_500_000, "tokens": 1432.4}, "bytes")
    '2.5'
    """
    value = row[column]
    if column in METRICS:
        return f"{value:.3f}"
    if column == "bytes":
        return f"{value / 1e6:.1f}"
    if column == "tokens":
        return f"{value:.0f}"
    return f"{value:.2f}"


def p_text(p: float) -> str:
    """A p value as it is printed.

    >>> p_text(0.0002), p_text(0.04)
    ('< 0.001', '0.040')
    """
    return "< 0.001" if p < 0.001 else f"{p:.3f}"


def _named(category: str, name: str) -> str:
    return (
        name
        if category in name or category == ALL or category.replace("_", " ") == name
        else f"{category} {name}"
    )


def _marked(row: Mapping[str, Any], column: str, best: Mapping[str, float]) -> str:
    return ' class="best"' if column in best and row[column] == best[column] and best[column] > 0 else ""
