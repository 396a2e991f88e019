"""Signing in with a key, and out; and for whom and for what the person at the browser reads."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse

from mnemic.core.errors import Unauthenticated
from mnemic.messages import check_text
from mnemic.serve.dashboard import session
from mnemic.serve.dashboard.asked import Sent, back
from mnemic.serve.dashboard.page_route import PageRoute
from mnemic.serve.dashboard.pages.settings import inside
from mnemic.serve.dashboard.rendering import page

router = APIRouter(route_class=PageRoute)


@router.get("/login")
def ask(request: Request) -> Response:
    """The page that asks for a key."""
    return page(request, "login.html", next=inside(request.query_params.get("next", "")), failure="")


@router.post("/login")
def enter(request: Request, form: Sent) -> Response:
    """Look at a key, and have the browser keep it when it is one."""
    key, then = form.one("key").strip(), inside(form.one("next"))
    try:
        if not key.isascii() or not key.isprintable():
            raise Unauthenticated("key: is none; paste it as it was shown when it was made")
        request.app.state.identification.acting({"authorization": f"Bearer {key}"})
    except Unauthenticated as error:
        return page(request, "login.html", status=401, next=then, failure=str(error))
    response = RedirectResponse(then, 303)
    session.sign_in(request, response, key)
    return response


@router.post("/logout")
def leave() -> Response:
    """Have the browser forget the key."""
    response = back("login")
    session.sign_out(response)
    return response


@router.post("/acting")
def act_as(request: Request, form: Sent) -> Response:
    """Say for whom and for what one reads from now on; policies decide by it what may be shown."""
    said = [check_text(form.one(name).strip(), name, limit=200) for name in ("recipient", "purpose")]
    response = RedirectResponse(inside(form.one("next")), 303)
    session.act_as(request, response, *said)
    return response
