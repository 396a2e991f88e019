"""Benchmarks: reports that were written into a folder, one of them with its tables and charts, two side by side."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response

from mnemic.core.errors import BadInput
from mnemic.governance.roles import Right
from mnemic.guarded import GuardedMemory
from mnemic.serve.dashboard import links
from mnemic.serve.dashboard.page_route import PageRoute
from mnemic.serve.dashboard.rendering import page
from mnemic.serve.dashboard.session import Doors

# What draws and reads reports is loaded by whoever looks at one: a server that nobody asks for them starts sooner.
router = APIRouter(route_class=PageRoute)


@router.get("/reports")
def reports(request: Request, memory: Doors) -> Response:
    """The reports of the folder."""
    from mnemic.serve.dashboard import benchmarks

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
    from mnemic.serve.dashboard import benchmarks

    return page(
        request, "report_part.html", section="reports", part=benchmarks.part(_folder(memory), links.named(name))
    )


@router.get("/reports/compare")
def compare(request: Request, memory: Doors) -> Response:
    """Two reports on the same questions, side by side."""
    from mnemic.serve.dashboard import benchmarks
    from mnemic.serve.dashboard.drawing import reports as drawing

    folder = _folder(memory)
    before = benchmarks.named(folder, request.query_params.get("before", ""))
    after = benchmarks.named(folder, request.query_params.get("after", ""))
    columns = {name: title for name, title in before.columns.items() if name in after.columns}
    metric = request.query_params.get("by", "") or before.metric
    if metric not in columns:
        raise BadInput(f"by: {metric[:40]!r} is no figure that both have; use one of {', '.join(columns)}")
    pairs = benchmarks.compared(before, after, metric)
    shared = {pair.system for pair in pairs}
    return page(
        request,
        "reports_compared.html",
        section="reports",
        before=before,
        after=after,
        columns=columns,
        metric=metric,
        pairs=pairs,
        drawn=drawing.side_by_side(before, after, columns[metric], pairs) if pairs else "",
        alone=[
            (one.name, [name for name in map(benchmarks.label, one.rows) if name not in shared])
            for one in (before, after)
        ],
    )


@router.get("/reports/of/{name}")
def report(request: Request, memory: Doors, name: str) -> Response:
    """One report."""
    from mnemic.serve.dashboard import benchmarks
    from mnemic.serve.dashboard.drawing import reports as drawing

    folder = _folder(memory)
    found = benchmarks.named(folder, links.named(name))
    return page(
        request,
        "report.html",
        section="reports",
        report=found,
        others=[one for one, _, _ in benchmarks.found(folder) if one and one.name != found.name],
        systems=[(benchmarks.label(row), row) for row in found.rows],
        categories=drawing.headings(found),
        charts=drawing.charts(found),
        differences=drawing.differences(found),
    )


def _folder(memory: GuardedMemory) -> str:
    # What recipes came to tells nothing of any bank; yet it is for those who may look at all of them.
    memory.opened_store("reports", Right.READ)
    return memory.open.settings.reports
