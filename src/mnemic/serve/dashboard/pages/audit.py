"""The audit: who did what, when and why; and whether its chains hold."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response

from mnemic.governance.roles import Right
from mnemic.guarded import GuardedMemory
from mnemic.serve.dashboard.asked import OpenBank, Sent
from mnemic.serve.dashboard.forms import whole
from mnemic.serve.dashboard.page_route import PageRoute
from mnemic.serve.dashboard.rendering import page
from mnemic.serve.dashboard.session import Doors
from mnemic.verifying import Verified

router = APIRouter(route_class=PageRoute)
PAGE = 100


@router.get("/audit")
def audit(request: Request, memory: Doors) -> Response:
    """Entries of the store's audit, or of a bank's."""
    return _shown(request, memory, request.query_params.get("of", ""), None)


@router.get("/banks/{bank}/audit")
def of_bank(request: Request, memory: Doors, opened: OpenBank) -> Response:
    """Entries of a bank's audit, among the pages of that bank."""
    return _shown(request, memory, opened.name, None, bank=opened.name)


@router.post("/audit")
def verify(request: Request, memory: Doors, form: Sent) -> Response:
    """Check every chain."""
    return _shown(request, memory, form.one("of"), memory.verify_audit())


def _shown(
    request: Request, memory: GuardedMemory, of: str, verified: Verified | None, *, bank: str | None = None
) -> Response:
    after = max(0, whole(request.query_params.get("after", ""), "after", 0))
    found = memory.audit(of or None, after=after, limit=PAGE + 1)
    return page(
        request,
        "audit.html",
        bank=bank,
        section="audit",
        may_verify=memory.holds(Right.AUDIT),
        of=of,
        banks=[row.name for row in memory.banks()],
        entries=found[:PAGE],
        next=found[PAGE - 1].n if len(found) > PAGE else None,
        after=after,
        verified=verified,
    )
