"""What pages load: one style sheet, one script and an icon, from the package itself."""

from __future__ import annotations

import hashlib
from functools import cache
from pathlib import Path

from fastapi import APIRouter, Request, Response

from mnemic.core.errors import NotFound
from mnemic.serve.dashboard.page_route import PageRoute

router = APIRouter(route_class=PageRoute, include_in_schema=False)
_MEDIA = {"dashboard.css": "text/css", "dashboard.js": "text/javascript", "icon.svg": "image/svg+xml"}


@cache
def _read(name: str) -> tuple[bytes, str]:
    content = (Path(__file__).parent / "static" / name).read_bytes()
    return content, f'"{hashlib.sha256(content).hexdigest()[:20]}"'


@router.get("/static/{name}")
def asset(request: Request, name: str) -> Response:
    """A file that pages load; a browser that has it as it is is told so."""
    if name not in _MEDIA:
        raise NotFound(f"file: the dashboard ships none called {name!r}")
    content, tag = _read(name)
    headers = {"ETag": tag, "Cache-Control": "max-age=0, must-revalidate"}
    if request.headers.get("if-none-match") == tag:
        return Response(status_code=304, headers=headers)
    return Response(content, media_type=_MEDIA[name], headers=headers)
