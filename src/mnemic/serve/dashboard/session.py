"""Who sits at the browser: a key from a cookie that no script can read, or the owner of the process without one."""

from __future__ import annotations

from ipaddress import ip_address
from typing import Annotated

from fastapi import Depends, Request, Response

from mnemic.core.errors import Denied
from mnemic.guarded import GuardedMemory
from mnemic.serve.dashboard import links
from mnemic.serve.who import guarded

#: Holds the key that was given at the login page, for this browser session and the dashboard's own paths alone.
SESSION_COOKIE = "mnemic_session"
#: For whom and for what the person at the browser reads, where policies ask for it.
RECIPIENT_COOKIE = "mnemic_recipient"
PURPOSE_COOKIE = "mnemic_purpose"
_HEADER_OF = {
    SESSION_COOKIE: "authorization",
    RECIPIENT_COOKIE: "x-mnemic-recipient",
    PURPOSE_COOKIE: "x-mnemic-purpose",
}


def as_sender(request: Request) -> Request:
    """The request with what its cookies say told in the headers that the doors look at; given headers win."""
    given = {name.decode("latin-1") for name, _ in request.scope["headers"]}
    added = []
    for cookie, header in _HEADER_OF.items():
        value = request.cookies.get(cookie, "")
        if value and header not in given and value.isprintable() and value.isascii():
            text = f"Bearer {value}" if cookie == SESSION_COOKIE else value
            added.append((header.encode(), text.encode("ascii")))
    if not added:
        return request
    scope = {**request.scope, "headers": [*request.scope["headers"], *added]}
    made = Request(scope, request.receive)
    made.state.__dict__.update(request.state.__dict__)
    return made


def sign_in(request: Request, response: Response, key: str) -> None:
    """Have the browser keep a key until it is closed."""
    _keep(request, response, SESSION_COOKIE, key)


def sign_out(response: Response) -> None:
    """Have the browser forget the key and what went with it."""
    for cookie in _HEADER_OF:
        response.delete_cookie(cookie, path=links.ROOT)


def act_as(request: Request, response: Response, recipient: str, purpose: str) -> None:
    """Have the browser say for whom and for what it reads from now on."""
    for cookie, value in ((RECIPIENT_COOKIE, recipient), (PURPOSE_COOKIE, purpose)):
        if value:
            _keep(request, response, cookie, value)
        else:
            response.delete_cookie(cookie, path=links.ROOT)


def _keep(request: Request, response: Response, cookie: str, value: str) -> None:
    secure = request.url.scheme == "https"
    response.set_cookie(cookie, value, path=links.ROOT, httponly=True, samesite="strict", secure=secure)


def behind_doors(request: Request, memory: Annotated[GuardedMemory, Depends(guarded)]) -> GuardedMemory:
    """The memory as the person at the browser may use it.

    Raises Denied when the owner's rights, which need no key on his own machine, are asked for under a host name: a page
    of another site can point a name of its own at this machine and read what it answers, but never an address.
    """
    if memory.acting.is_local and not _is_own(request.url.hostname or ""):
        raise Denied(
            "host: without a key the dashboard opens only under localhost or an address; make a key to sign in"
        )
    # The menu shows what is open to him.
    request.state.doors = memory
    return memory


def _is_own(host: str) -> bool:
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        ip_address(host)
    except ValueError:
        return False
    return True


Doors = Annotated[GuardedMemory, Depends(behind_doors)]
