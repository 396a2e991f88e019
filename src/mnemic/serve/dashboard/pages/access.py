"""Who may do what in one bank: the grants that hold for it, its own policies, and the rules of what enters."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response

from mnemic.core.errors import BadInput
from mnemic.governance.admission import CHECKS
from mnemic.governance.roles import ROLES
from mnemic.guarded import GuardedBank, GuardedMemory
from mnemic.serve.dashboard.asked import OpenBank, Sent, back
from mnemic.serve.dashboard.forms import Form
from mnemic.serve.dashboard.granting import give, policy_of, tried
from mnemic.serve.dashboard.page_route import PageRoute
from mnemic.serve.dashboard.rendering import page
from mnemic.serve.dashboard.session import Doors

router = APIRouter(route_class=PageRoute)


@router.get("/banks/{bank}/access")
def access(request: Request, memory: Doors, opened: OpenBank) -> Response:
    """Grants, policies and admission of a bank."""
    return _shown(request, memory, opened, Form({}))


@router.post("/banks/{bank}/access")
def change(request: Request, memory: Doors, opened: OpenBank, form: Sent) -> Response:
    """Give or take a grant, keep, try or drop a policy, judge by other rules."""
    action, done = form.one("action"), "access"
    if action == "try":
        return _shown(request, memory, opened, form)
    if action == "give":
        give(memory, form, opened.name)
    elif action == "take":
        memory.take(form.one("id"))
    elif action == "policy":
        memory.set_policy(policy_of(form.one("policy")), bank=opened.name)
        done = "policy"
    elif action == "drop":
        memory.drop_policy(form.one("name"), bank=opened.name)
        done = "dropped"
    elif action == "admission":
        opened.admit_by(_rules(form))
        done = "admission"
    else:
        raise BadInput(f"action: {action[:40]!r} is none of this page")
    return back("banks", opened.name, "access", done=done)


def _rules(form: Form) -> dict[str, object]:
    def lines(name: str) -> list[str]:
        return [line.strip() for line in form.one(name).splitlines() if line.strip()]

    thresholds = {}
    for check in CHECKS:
        if given := form.one(f"threshold {check}").strip():
            try:
                thresholds[check] = float(given)
            except ValueError:
                raise BadInput(
                    f"{check}: {given[:40]!r} is no number; leave it empty for the usual threshold"
                ) from None
    return {
        **{name: lines(name) for name in ("trusted", "refused", "phrases")},
        "thresholds": thresholds,
        "confirming": bool(form.one("confirming")),
    }


def _shown(request: Request, memory: GuardedMemory, opened: GuardedBank, form: Form) -> Response:
    policies = memory.policies(bank=opened.name)
    return page(
        request,
        "access.html",
        bank=opened.name,
        section="access",
        grants=memory.grants(bank=opened.name),
        policies=policies,
        rules=opened.admission(),
        checks=CHECKS,
        roles=list(ROLES),
        now=memory.open.engine.clock.now(),
        form=form,
        tried=tried(policies, form) if form.one("action") == "try" else [],
    )
