"""Banks that were erased whole: their receipts belong to the store, since no bank is left to keep them."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response

from mnemic.serve.dashboard import links
from mnemic.serve.dashboard.page_route import PageRoute
from mnemic.serve.dashboard.pages.erasure import RECEIPTS, as_file, named
from mnemic.serve.dashboard.rendering import page
from mnemic.serve.dashboard.session import Doors

router = APIRouter(route_class=PageRoute)


@router.get("/erasures")
def erasures(request: Request, memory: Doors) -> Response:
    """The receipts, the newest first."""
    found = sorted(memory.erasures(), key=lambda one: one.at, reverse=True)
    return page(
        request, "erasures.html", section="erasures", receipts=found[:RECEIPTS], more=max(0, len(found) - RECEIPTS)
    )


@router.get("/erasures/{receipt}")
def receipt(request: Request, memory: Doors, receipt: str) -> Response:
    """One receipt."""
    found = named(memory.erasures(), receipt)
    return page(
        request,
        "erasure_receipt.html",
        section="erasures",
        receipt=found,
        holds=memory.erasure_holds(found),
        file=links.to("erasures", found.id, "file"),
    )


@router.get("/erasures/{receipt}/file")
def file(memory: Doors, receipt: str) -> Response:
    """A receipt as a file."""
    return as_file(named(memory.erasures(), receipt))
