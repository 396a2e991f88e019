"""Failures as problem+json (RFC 9457): what is wrong, in which field, and what to do about it; never a traceback.

``type`` is ``urn:mnemic:problem:CODE`` and stays the same between versions; ``code`` is its last word.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from pydantic_core import to_json
from starlette.exceptions import HTTPException
from starlette.responses import Response

from mnemic.core.codes import ERRORS
from mnemic.core.errors import BadInput, MnemicError

MEDIA = "application/problem+json"
URN = "urn:mnemic:problem:"
_LOG = logging.getLogger("mnemic.serve")

#: HTTP status and title of each code.
KINDS: Mapping[str, tuple[int, str]] = MappingProxyType(
    {
        "bad-input": (422, "What was sent cannot be taken"),
        "not-found": (404, "There is none of that name"),
        "store-unavailable": (503, "The store cannot be used as it stands"),
        "model-unavailable": (503, "A model that is needed is not there"),
        "embedder-mismatch": (409, "The bank's vectors come from another embedder"),
        "refused": (409, "The change was refused"),
        "conflict": (409, "Another writer was faster"),
        "recipe-changed": (409, "The bank was switched to another recipe meanwhile"),
        "outdated": (412, "The record is not any more what it was"),
        "model-failure": (503, "A language model gave no answer that can be used"),
        "out-of-budget": (429, "The bank's budget for language models is spent"),
        "too-large": (413, "It is more than a language model may be asked"),
        "unauthenticated": (401, "Nobody can tell who asks"),
        "denied": (403, "There is no grant for it"),
        "failure": (500, "It failed"),
    }
)
_BY_CLASS = {kind: code for code, kind in ERRORS.items()}
_BY_STATUS = {
    400: ("malformed", "The request cannot be read"),
    404: ("no-such-path", "There is no such path"),
    405: ("no-such-method", "The path does not take this method"),
    411: ("length-required", "The size of the body is not said"),
    413: ("body-too-large", "The body is too large"),
    415: ("media-type", "The body has a media type that is not taken"),
    429: ("too-many-requests", "Too many requests at a time"),
    503: ("busy", "The server cannot take the request now"),
}
#: Seconds after which it is worth trying again, by code.
RETRY_AFTER = {"conflict": 1, "recipe-changed": 1, "store-unavailable": 2, "busy": 1, "too-many-requests": 1}
#: What FastAPI says in words that help nobody.
_DETAILS = {"There was an error parsing the body": "body: is no valid JSON, in UTF-8"}
_FIELD = re.compile(r"^([A-Za-z_][\w.\-]*(?:\[\d+\][\w.]*)*): ")


class TooManyRequests(Exception):
    """One sender has more requests under way than his share."""


def problem(
    status: int,
    code: str,
    title: str,
    detail: str,
    *,
    field: str = "",
    remedy: str = "",
    found: Sequence[dict[str, str]] = (),
    retry_after: float | None = None,
    headers: dict[str, str] | None = None,
) -> Response:
    """A problem as an answer."""
    body: dict[str, Any] = {"type": URN + code, "title": title, "status": status, "code": code, "detail": detail}
    if field:
        body["field"] = field
    if remedy:
        body["remedy"] = remedy
    if found:
        body["errors"] = list(found)
    wait = retry_after if retry_after is not None else RETRY_AFTER.get(code)
    given = dict(headers or {})
    if wait is not None:
        given["Retry-After"] = str(max(1, round(wait)))
    if status == 401:
        given["WWW-Authenticate"] = 'Bearer realm="mnemic"'
    return Response(to_json(body, inf_nan_mode="null"), status, given, MEDIA)


def of_error(error: MnemicError) -> Response:
    """The problem that an error of ours is told as.

    >>> of_error(ERRORS["not-found"]("bank: there is none called 'x'; this store has none yet")).status_code
    404
    """
    code = next(_BY_CLASS[kind] for kind in type(error).__mro__ if kind in _BY_CLASS)
    status, title = KINDS[code]
    detail = _clean(str(error))
    field, remedy = parts_of(detail)
    return problem(
        status, code, title, detail, field=field, remedy=remedy, retry_after=getattr(error, "retry_after", None)
    )


def of_status(status: int, detail: str = "", headers: dict[str, str] | None = None) -> Response:
    """The problem of a plain HTTP status."""
    code, title = _BY_STATUS.get(status, ("failure" if status >= 500 else "bad-request", "It failed"))
    return problem(status, code, title, detail or title, headers=headers)


def parts_of(message: str) -> tuple[str, str]:
    """The field that a message names and the remedy at its end, each empty when there is none.

    >>> parts_of("k: 0 is out of range; give a whole number from 1 to 10000")
    ('k', 'give a whole number from 1 to 10000')
    """
    found = _FIELD.match(message)
    _, semicolon, remedy = message.rpartition("; ")
    return (found[1] if found else ""), (remedy if semicolon else "")


def _clean(text: str) -> str:
    # A message may quote what was sent, which need not be valid text.
    return text.encode("utf-8", "backslashreplace").decode("utf-8")


def of_validation(error: RequestValidationError) -> Response:
    """The problem of a request that has not the shape that the schema asks for."""
    if any(one["type"] == "json_invalid" for one in error.errors()):
        return problem(400, "malformed", _BY_STATUS[400][1], "body: is no valid JSON", field="body")
    found = [{"field": _where(one["loc"]), "message": _clean(str(one["msg"]))} for one in error.errors()]
    first = found[0]
    detail = f"{first['field']}: {first['message']}"
    remedy = "send what /openapi.json describes"
    return problem(422, "bad-input", KINDS["bad-input"][1], detail, field=first["field"], remedy=remedy,
                   found=found[:20])  # fmt: skip


def _is_json(media: str) -> bool:
    kind = media.partition(";")[0].strip().lower()
    return kind == "application/json" or (kind.startswith("application/") and kind.endswith("+json"))


def _where(place: Sequence[Any]) -> str:
    out = ""
    for step in place[1:] if len(place) > 1 else place:
        out += f"[{step}]" if isinstance(step, int) else (f".{step}" if out else str(step))
    return _clean(out)


def of_defect(error: Exception) -> Response:
    """The problem of what nobody foresaw: told without its text, which may hold content; the log says where it was."""
    if isinstance(error, RecursionError):
        return of_error(BadInput("body: is nested deeper than can be taken; flatten it"))
    trace, where = error.__traceback__, ""
    while trace is not None:
        where = f"{trace.tb_frame.f_code.co_filename.rpartition('/')[2]}:{trace.tb_lineno}"
        trace = trace.tb_next
    _LOG.error("defect", extra={"fields": {"kind": type(error).__name__, "where": where}})
    detail = f"unexpected {type(error).__name__} at {where}; this is a defect: please report it with the request's id"
    return problem(500, "defect", "A defect of mnemic", detail)


def install(app: FastAPI) -> None:
    """Have every failure of an application told as a problem."""

    async def ours(_: Request, error: Exception) -> Response:
        assert isinstance(error, MnemicError)
        return of_error(error)

    async def shape(request: Request, error: Exception) -> Response:
        assert isinstance(error, RequestValidationError)
        media = request.headers.get("content-type", "")
        if any(one["loc"] == ("body",) and one["type"] != "missing" for one in error.errors()) and not _is_json(media):
            told = f"is {_clean(media)[:100]!r}" if media else "is missing"
            return of_status(415, f"content-type: {told}; send application/json")
        return of_validation(error)

    async def plain(request: Request, error: Exception) -> Response:
        assert isinstance(error, HTTPException)
        headers = dict(error.headers or {})
        if error.status_code == 405:
            headers["Allow"] = request.app.state.methods.of(request.scope["path"]) or headers.get("Allow", "")
            if request.method == "OPTIONS":
                return Response(status_code=204, headers=headers)
        said = _clean(str(error.detail))
        detail = _DETAILS.get(said, "" if error.status_code in (404, 405) else said)
        return of_status(error.status_code, detail, headers)

    async def too_many(_: Request, error: Exception) -> Response:
        return of_status(429, str(error))

    app.add_exception_handler(TooManyRequests, too_many)
    app.add_exception_handler(MnemicError, ours)
    app.add_exception_handler(RequestValidationError, shape)
    app.add_exception_handler(HTTPException, plain)
