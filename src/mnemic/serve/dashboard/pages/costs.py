"""Costs: what asking language models has taken, by day, purpose and task, against what a day may take."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from fastapi import APIRouter, Request, Response

from mnemic.serve.dashboard.asked import OpenBank
from mnemic.serve.dashboard.page_route import PageRoute
from mnemic.serve.dashboard.rendering import page
from mnemic.store.asked import PURPOSES, Spent

router = APIRouter(route_class=PageRoute)
DAYS = 60


@dataclass(frozen=True, slots=True)
class Sum:
    """Calls, answers that were known, tokens and failures under one heading."""

    name: str
    calls: int
    cached: int
    tokens_in: int
    tokens_out: int
    failures: int

    @property
    def tokens(self) -> int:
        """Tokens of questions and answers."""
        return self.tokens_in + self.tokens_out


def summed(name: str, rows: Sequence[Spent]) -> Sum:
    """What rows come to."""
    usage = [row.usage for row in rows]
    return Sum(
        name,
        sum(one.calls for one in usage),
        sum(one.cached for one in usage),
        sum(one.tokens_in for one in usage),
        sum(one.tokens_out for one in usage),
        sum(row.failures for row in rows),
    )


@router.get("/banks/{bank}/costs")
def costs(request: Request, opened: OpenBank) -> Response:
    """What a bank has cost."""
    spent = opened.spent()
    days = sorted({row.day for row in spent})[-DAYS:]
    tasks = sorted({row.task for row in spent})
    by_day = [
        (day, [summed(purpose, [r for r in spent if r.day == day and r.purpose == purpose]) for purpose in PURPOSES])
        for day in days
    ]
    return page(
        request,
        "costs.html",
        bank=opened.name,
        section="costs",
        total=summed("all", spent),
        purposes=[summed(purpose, [row for row in spent if row.purpose == purpose]) for purpose in PURPOSES],
        tasks=sorted((summed(task, [r for r in spent if r.task == task]) for task in tasks), key=lambda s: -s.tokens),
        days=by_day,
        top=max((sum(one.tokens for one in sums) for _, sums in by_day), default=0) or 1,
        limit=opened.open.engine.models.limits.day_tokens,
    )
