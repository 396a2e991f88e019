"""Parameters that routes share: names in paths, points of a log, pages and their cursors."""

from __future__ import annotations

import base64
import binascii
import json
from typing import Annotated
from urllib.parse import unquote

from fastapi import Path, Query
from pydantic import AfterValidator

from mnemic.core.errors import BadInput
from mnemic.recalling import MAX_PAGE


def decoded(segment: str) -> str:
    """A name as it was before :mod:`mnemic.serve.paths` wrote its slashes and percent signs apart.

    >>> decoded("a%2Fb"), decoded("anna")
    ('a/b', 'anna')
    """
    return unquote(segment)


BankName = Annotated[str, Path(description="Name of a bank.", examples=["anna"]), AfterValidator(decoded)]
RecordId = Annotated[str, Path(description="Id of a record."), AfterValidator(decoded)]
EventId = Annotated[str, Path(description="Id of an event."), AfterValidator(decoded)]
ReceiptId = Annotated[str, Path(description="Id of a receipt."), AfterValidator(decoded)]
Limit = Annotated[int, Query(ge=1, le=MAX_PAGE, description="How many at most.")]
Cursor = Annotated[str | None, Query(max_length=400, description="`next` of the page before.")]
AsOf = Annotated[
    str | None,
    Query(max_length=100, description="Read the bank as it was: an instant, or a seq of its log."),
]
Reason = Annotated[str, Query(max_length=1000, description="Why; kept in the log.")]


def point(text: str | None) -> str | int | None:
    """A point of a log as it stands in an address: digits are a seq, all else is an instant.

    >>> point("12"), point("2026-06-02"), point(None)
    (12, '2026-06-02', None)
    """
    if text is None:
        return None
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 19 else text


def cursor_of(**place: int) -> str:
    """A cursor that says where the next page begins; opaque to clients.

    >>> place_of(cursor_of(after=50, at=7), "after", "at")
    (50, 7)
    """
    return base64.urlsafe_b64encode(json.dumps(place).encode()).decode().rstrip("=")


def place_of(cursor: str, *names: str) -> tuple[int, ...]:
    """The places that a cursor holds; raises BadInput when it is none of ours."""
    try:
        place = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
        found = tuple(place[name] for name in names)
    except (binascii.Error, ValueError, KeyError, TypeError, RecursionError):
        found = ()
    if not found or any(type(value) is not int or value < 0 for value in found):
        raise BadInput("cursor: is none that was given out; leave it away to start from the first page")
    return found
