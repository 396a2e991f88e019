"""Receipts: which memories went into which context, why, and at what cost."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from fastapi import APIRouter, Request, Response

from mnemic.core.errors import BadInput
from mnemic.core.experience import FEEDBACK_KINDS
from mnemic.core.record import Record
from mnemic.recalling import MAX_PAGE
from mnemic.serve.dashboard import links
from mnemic.serve.dashboard.asked import OpenBank, Sent, back
from mnemic.serve.dashboard.forms import whole
from mnemic.serve.dashboard.page_route import PageRoute
from mnemic.serve.dashboard.rendering import page

router = APIRouter(route_class=PageRoute)
PAGE = 40


@dataclass(frozen=True, slots=True)
class Line:
    """A line of a receipt: the record as it was recalled, and as it is now."""

    line: Mapping[str, Any]
    then: Record | None
    now: Record | None

    @property
    def changed(self) -> str:
        """What became of the record since."""
        if self.now is None:
            return "gone"
        if self.then is None or self.now.sha == self.then.sha:
            return ""
        return self.now.state if self.now.state != self.then.state else "reworded"


@router.get("/banks/{bank}/receipts")
def receipts(request: Request, opened: OpenBank) -> Response:
    """The newest receipts."""
    after = min(max(0, whole(request.query_params.get("after", ""), "after", 0)), MAX_PAGE - PAGE - 1)
    found = opened.receipts(after + PAGE + 1)[after:]
    return page(
        request,
        "receipts.html",
        bank=opened.name,
        section="receipts",
        receipts=found[:PAGE],
        after=after,
        next=after + PAGE if len(found) > PAGE else None,
        step=PAGE,
    )


@router.get("/banks/{bank}/receipts/{receipt}")
def receipt(request: Request, opened: OpenBank, receipt: str) -> Response:
    """One receipt: the lines of a context with their records, as they were then and are now."""
    found = opened.receipt(links.named(receipt))
    ids = [line["record"] for line in found.lines]
    then, now = opened.records(ids, as_of=found.seq), opened.records(ids)
    return page(
        request,
        "receipt.html",
        bank=opened.name,
        section="receipts",
        receipt=found,
        lines=[Line(line, then.get(line["record"]), now.get(line["record"])) for line in found.lines],
        kinds=[kind for kind in FEEDBACK_KINDS if kind not in ("label", "correction")],
    )


@router.post("/banks/{bank}/receipts/{receipt}")
def tell(opened: OpenBank, receipt: str, form: Sent) -> Response:
    """Tell what became of the chosen lines."""
    wanted, kind = links.named(receipt), form.one("action")
    records = form.many("record")
    if not records and kind != "correction":
        raise BadInput("record: no line is chosen; tick those that it holds for")
    opened.feedback(kind, records, receipt=wanted, text=form.one("text"))
    return back("banks", opened.name, "receipts", wanted, done="feedback")
