"""Benchmarks: reports that were written into a folder, one of them with its tables and charts, two side by side."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response
from markupsafe import Markup

from mnemic.bench.charts import Series, bars, interval, lines, points
from mnemic.bench.figures import category_heading, p_text
from mnemic.bench.metrics import BUDGETS
from mnemic.core.errors import BadInput
from mnemic.governance.roles import Right
from mnemic.guarded import GuardedMemory
from mnemic.serve.dashboard import benchmarks, links
from mnemic.serve.dashboard.benchmarks import Report, compared, label
from mnemic.serve.dashboard.page_route import PageRoute
from mnemic.serve.dashboard.rendering import page
from mnemic.serve.dashboard.session import Doors

router = APIRouter(route_class=PageRoute)
#: Of more systems than these a drawing of lines cannot be read; the table holds them all.
LINES = 8


@router.get("/reports")
def reports(request: Request, memory: Doors) -> Response:
    """The reports of the folder."""
    folder = _folder(memory)
    return page(
        request,
        "reports.html",
        section="reports",
        folder=folder,
        found=benchmarks.found(folder) if folder else [],
        parts=benchmarks.parts(folder) if folder else [],
    )


@router.get("/reports/part/{name}")
def part(request: Request, memory: Doors, name: str) -> Response:
    """One report on a part of memories."""
    return page(
        request, "report_part.html", section="reports", part=benchmarks.part(_folder(memory), links.named(name))
    )


@router.get("/reports/compare")
def compare(request: Request, memory: Doors) -> Response:
    """Two reports on the same questions, side by side."""
    folder = _folder(memory)
    before = benchmarks.named(folder, request.query_params.get("before", ""))
    after = benchmarks.named(folder, request.query_params.get("after", ""))
    columns = {name: title for name, title in before.columns.items() if name in after.columns}
    metric = request.query_params.get("by", "") or before.metric
    if metric not in columns:
        raise BadInput(f"by: {metric[:40]!r} is no figure that both have; use one of {', '.join(columns)}")
    pairs = compared(before, after, metric)
    shared = {pair.system for pair in pairs}
    drawn = bars(
        [pair.system for pair in pairs],
        [
            Series(before.name, 0, tuple((0.0, pair.before) for pair in pairs)),
            Series(after.name, 1, tuple((0.0, pair.after) for pair in pairs)),
        ],
        f"{columns[metric]} in both",
    )
    return page(
        request,
        "reports_compared.html",
        section="reports",
        before=before,
        after=after,
        columns=columns,
        metric=metric,
        pairs=pairs,
        drawn=Markup(drawn) if pairs else "",
        alone=[(one.name, [label(row) for row in one.rows if label(row) not in shared]) for one in (before, after)],
    )


@router.get("/reports/of/{name}")
def report(request: Request, memory: Doors, name: str) -> Response:
    """One report."""
    folder = _folder(memory)
    found = benchmarks.named(folder, links.named(name))
    reach = max((abs(d[side]) for d in found.data["differences"] for side in ("low", "high")), default=0.1)
    return page(
        request,
        "report.html",
        section="reports",
        report=found,
        others=[one for one, _, _ in benchmarks.found(folder) if one and one.name != found.name],
        systems=[(label(row), row) for row in found.rows],
        categories=[(category_heading(c, title), n) for c, (title, n) in found.categories.items()],
        charts=_charts(found),
        differences=[
            (d, Markup(interval(d["low"], d["mean"], d["high"], reach)), p_text(d["p_holm"]))
            for d in found.data["differences"]
        ],
    )


def _folder(memory: GuardedMemory) -> str:
    # What recipes came to tells nothing of any bank; yet it is for those who may look at all of them.
    memory.opened_store("reports", Right.READ)
    return memory.open.settings.reports


def _charts(report: Report) -> list[tuple[str, Markup]]:
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
