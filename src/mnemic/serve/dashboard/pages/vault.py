"""The vault: which secrets are sealed, since when, under which key; one is opened for a purpose, or forgotten."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response

from mnemic.core.errors import BadInput
from mnemic.guarded import GuardedBank
from mnemic.serve.dashboard.asked import OpenBank, Sent, back
from mnemic.serve.dashboard.forms import whole
from mnemic.serve.dashboard.page_route import PageRoute
from mnemic.serve.dashboard.rendering import page

router = APIRouter(route_class=PageRoute)
PAGE = 50


@router.get("/banks/{bank}/vault")
def vault(request: Request, opened: OpenBank) -> Response:
    """The secrets of a bank, by their placeholders."""
    after = max(0, whole(request.query_params.get("after", ""), "after", 0))
    return _shown(request, opened, after)


@router.post("/banks/{bank}/vault")
def use(request: Request, opened: OpenBank, form: Sent) -> Response:
    """Open a secret for a purpose, or destroy it. Its words stand in this one answer, which no browser keeps."""
    secret, action = form.one("secret"), form.one("action")
    if action == "forget":
        opened.forget_secrets([secret])
        return back("banks", opened.name, "vault", done="forgotten")
    if action != "reveal":
        raise BadInput(f"action: {action[:40]!r} is unknown; use reveal or forget")
    words = opened.reveal(secret, purpose=form.one("purpose"))
    return _shown(request, opened, max(0, form.number("after", 0)), secret, words)


def _shown(request: Request, opened: GuardedBank, after: int, secret: str = "", words: str = "") -> Response:
    # Whoever may open secrets and not list them is shown none but the one that he named.
    found = opened.secrets()
    keys = opened.open.entrance.keys
    return page(
        request,
        "vault.html",
        bank=opened.name,
        section="vault",
        found=found[after : after + PAGE],
        total=len(found),
        after=after,
        step=PAGE,
        key=keys.name if keys is not None else "",
        may_reveal=opened.may("reveal"),
        may_forget=opened.may("forget_secrets"),
        secret=secret,
        words=words,
    )
