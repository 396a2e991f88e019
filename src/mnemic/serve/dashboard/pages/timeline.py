"""The timeline: when records happened and while they held true; now, or as the bank knew it at a point of its log."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from fastapi import APIRouter, Request, Response

from mnemic.browse_verbs import Timeline
from mnemic.core.errors import BadInput
from mnemic.core.record import STATES
from mnemic.core.times import Interval, instant
from mnemic.serve.dashboard.asked import Filtered, OpenBank
from mnemic.serve.dashboard.drawing.spans import WIDTH, Scale, lines_of, scale_of
from mnemic.serve.dashboard.forms import whole
from mnemic.serve.dashboard.page_route import PageRoute
from mnemic.serve.dashboard.rendering import page

router = APIRouter(route_class=PageRoute)
PAGE = 40
BINS = 80


@dataclass(frozen=True, slots=True)
class Bar:
    """How many records begin in a part of the time that all of them span."""

    x: float
    height: float
    count: int
    start: str
    end: str
    within: bool


@router.get("/banks/{bank}/timeline")
def timeline(request: Request, opened: OpenBank, chosen: Filtered) -> Response:
    """The timeline of a bank."""
    asked = request.query_params
    low, high = asked.get("from", "").strip(), asked.get("to", "").strip()
    during = _during(low, high)
    point = whole(asked.get("as_of", ""), "as_of", 0)
    as_of = point if point > 0 else None
    found = opened.timeline(chosen.where, during=during, bins=BINS, limit=PAGE, after=chosen.after, as_of=as_of)
    scale = scale_of(found.records, during.start if during else None, during.end if during else None)
    bars = _bars(found, during)
    return page(
        request,
        "timeline.html",
        bank=opened.name,
        section="timeline",
        chosen=chosen,
        found=found,
        asked={**chosen.asked, "from_": low, "to_": high, "as_of": as_of},
        low=low,
        high=high,
        as_of=as_of,
        bars=bars,
        whole_ticks=Scale(found.start, found.end).ticks() if found.start and found.end else [],
        scale=scale,
        lines=lines_of(found.records, scale) if scale else [],
        kinds=[kind for kind in opened.tally().by["kind"] if kind],
        states=STATES,
        step=PAGE,
    )


def _bars(found: Timeline, during: Interval | None) -> list[Bar]:
    if found.start is None or found.end is None:
        return []
    top, step = max(found.counts), (found.end - found.start) / BINS
    parts = [Interval(found.start + place * step, found.start + (place + 1) * step) for place in range(BINS)]
    return [
        Bar(
            place * WIDTH / BINS,
            max(3.0, 60 * count / top),
            count,
            f"{part.start:%Y-%m-%dT%H:%M:%S}",
            f"{part.end + timedelta(seconds=1):%Y-%m-%dT%H:%M:%S}",
            during is not None and during.overlaps(part),
        )
        for place, (count, part) in enumerate(zip(found.counts, parts, strict=True))
        if count
    ]


def _during(low: str, high: str) -> Interval | None:
    if not low and not high:
        return None
    start = instant(low or "0001-01-02", "from")
    end = instant(high or "9998-12-31", "to")
    if end < start:
        raise BadInput("to: is before from; give a later time")
    return Interval(start, end)
