"""Who may do what: keys, the grants that they and others hold, and the policies by which matter flows."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response

from mnemic.core.errors import BadInput
from mnemic.core.times import instant
from mnemic.governance.roles import ROLES
from mnemic.serve.dashboard.asked import Sent, back
from mnemic.serve.dashboard.page_route import PageRoute
from mnemic.serve.dashboard.rendering import page
from mnemic.serve.dashboard.session import Doors

router = APIRouter(route_class=PageRoute)


@router.get("/keys")
def keys(request: Request, memory: Doors) -> Response:
    """Keys, grants and policies."""
    return _shown(request, memory, "")


def _shown(request: Request, memory: Doors, made: str) -> Response:
    policies = [("", policy) for policy in memory.policies()]
    return page(
        request,
        "keys.html",
        section="keys",
        keys=memory.keys(),
        grants=memory.grants(),
        policies=policies,
        roles=list(ROLES),
        made=made,
    )


@router.post("/keys")
def change(request: Request, memory: Doors, form: Sent) -> Response:
    """Make or revoke a key, give or take a grant."""
    action = form.one("action")
    if action == "create":
        expires = form.one("expires").strip()
        banks = [bank.strip() for bank in form.one("banks").split(",") if bank.strip()]
        _, text = memory.create_key(
            form.one("name").strip(),
            role=form.one("role") or None,
            banks=banks,
            expires=instant(expires, "expires") if expires else None,
        )
        return _shown(request, memory, text)
    if action == "revoke":
        memory.revoke_key(form.one("id"))
    elif action == "give":
        without = [label.strip() for label in form.one("without").split(",") if label.strip()]
        memory.give(form.one("to").strip(), form.one("bank").strip(), form.one("role"), without=without)
    elif action == "take":
        memory.take(form.one("id"))
    else:
        raise BadInput(f"action: {action[:40]!r} is none of this page")
    return back("keys", done="access")
