"""Who may do what: keys, the grants that they and others hold, and the policies by which matter flows."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response

from mnemic.core.errors import BadInput
from mnemic.core.times import instant
from mnemic.governance.roles import ROLES
from mnemic.guarded import GuardedMemory
from mnemic.serve.dashboard.asked import Sent, back
from mnemic.serve.dashboard.forms import Form
from mnemic.serve.dashboard.granting import give, policy_of, tried, words
from mnemic.serve.dashboard.page_route import PageRoute
from mnemic.serve.dashboard.rendering import page
from mnemic.serve.dashboard.session import Doors

router = APIRouter(route_class=PageRoute)


@router.get("/keys")
def keys(request: Request, memory: Doors) -> Response:
    """Keys, grants and policies."""
    return _shown(request, memory, Form({}))


def _shown(request: Request, memory: GuardedMemory, form: Form, made: str = "") -> Response:
    policies = memory.policies()
    now = memory.open.engine.clock.now()
    return page(
        request,
        "keys.html",
        section="keys",
        keys=memory.keys(),
        grants=memory.grants(),
        policies=policies,
        roles=list(ROLES),
        made=made,
        now=now,
        form=form,
        tried=tried(policies, form) if form.one("action") == "try" else [],
    )


@router.post("/keys")
def change(request: Request, memory: Doors, form: Sent) -> Response:
    """Make or revoke a key, give or take a grant, keep, try or drop a policy."""
    action = form.one("action")
    if action == "create":
        expires = form.one("expires").strip()
        _, text = memory.create_key(
            form.one("name").strip(),
            role=form.one("role") or None,
            banks=words(form, "banks"),
            expires=instant(expires, "expires") if expires else None,
        )
        return _shown(request, memory, Form({}), text)
    if action == "try":
        return _shown(request, memory, form)
    if action == "policy":
        memory.set_policy(policy_of(form.one("policy")))
        return back("keys", done="policy")
    if action == "drop":
        memory.drop_policy(form.one("name"))
        return back("keys", done="dropped")
    if action == "revoke":
        memory.revoke_key(form.one("id"))
    elif action == "give":
        give(memory, form, form.one("bank").strip())
    elif action == "take":
        memory.take(form.one("id"))
    else:
        raise BadInput(f"action: {action[:40]!r} is none of this page")
    return back("keys", done="access")
