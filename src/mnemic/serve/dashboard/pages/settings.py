"""What a person sets for his own browser: its colours."""

from __future__ import annotations

from fastapi import APIRouter, Response
from fastapi.responses import RedirectResponse

from mnemic.core.errors import BadInput
from mnemic.serve.dashboard import links
from mnemic.serve.dashboard.asked import Sent
from mnemic.serve.dashboard.page_route import PageRoute
from mnemic.serve.dashboard.rendering import THEME_COOKIE, THEMES

router = APIRouter(route_class=PageRoute)
_YEAR = 365 * 24 * 3600


def inside(path: str) -> str:
    """A path of this dashboard to go on to, or its start.

    >>> inside("/ui/banks"), inside("//elsewhere.example"), inside("/ui/../v1")
    ('/ui/banks', '/ui', '/ui')
    """
    safe = path == links.ROOT or path.startswith((links.ROOT + "/", links.ROOT + "?"))
    return path if safe and ".." not in path and "\\" not in path and path.isprintable() else links.ROOT


@router.post("/theme")
def theme(form: Sent) -> Response:
    """Choose colours."""
    chosen = form.one("theme")
    if chosen not in THEMES:
        raise BadInput(f"theme: {chosen[:40]!r} is unknown; use one of {', '.join(THEMES)}")
    response = RedirectResponse(inside(form.one("next")), 303)
    response.set_cookie(THEME_COOKIE, chosen, max_age=_YEAR, path=links.ROOT, httponly=True, samesite="strict")
    return response
