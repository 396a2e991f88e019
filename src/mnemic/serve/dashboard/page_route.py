"""Every page goes through one route: it checks forms, sends strict headers, and shows errors as pages."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from typing import Any

from fastapi import Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import RedirectResponse
from fastapi.routing import APIRoute

from mnemic.core.errors import Denied, MnemicError, NotFound, Unauthenticated
from mnemic.serve.dashboard import forms, links
from mnemic.serve.dashboard.rendering import error_page
from mnemic.serve.dashboard.session import as_sender
from mnemic.serve.problems import of_defect

#: Nothing but what this server sends is loaded or run; nothing can frame the dashboard or take its forms elsewhere.
HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
        "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "no-store",
}
#: What an error is answered with; others are faults of what was given.
STATUS: dict[type[MnemicError], int] = {NotFound: 404, Denied: 403, Unauthenticated: 401}


DEFECT = "This page met a defect of mnemic: please report it with what the server's log says of this request."


class PageRoute(APIRoute):
    """A page: see the module."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """The route's handler within the checks."""
        inner = super().get_route_handler()

        async def handler(request: Request) -> Response:
            try:
                if request.method == "POST":
                    request.state.form = await forms.read_form(request)
                    forms.check_origin(request, request.state.form)
                response = await inner(as_sender(request))
            except Unauthenticated:
                response = RedirectResponse(links.to("login", next=_asked(request)), 303)
            except RequestValidationError:
                response = error_page(request, "The address of this page has a part that cannot be read.", 400)
            except MnemicError as error:
                response = error_page(request, str(error), STATUS.get(type(error), 400))
            except Exception as error:
                # The log says where it was; a page of it would only show what may be content.
                of_defect(error)
                response = error_page(request, DEFECT, 500)
            if request.method == "GET" and forms.CSRF_COOKIE not in request.cookies:
                _set_token(request, response)
            for name, value in HEADERS.items():
                response.headers.setdefault(name, value)
            return response

        return handler


def _asked(request: Request) -> str:
    if request.method != "GET":
        return ""
    query = f"?{request.url.query}" if request.url.query else ""
    return request.url.path + query


def _set_token(request: Request, response: Response) -> None:
    token = getattr(request.state, "csrf", None)
    if token is not None:
        response.set_cookie(
            forms.CSRF_COOKIE,
            token,
            path=links.ROOT,
            httponly=True,
            samesite="strict",
            secure=request.url.scheme == "https",
        )
