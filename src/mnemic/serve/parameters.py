"""Parameters that routes share: names in paths, points of a log, pages and their cursors."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Callable, Mapping, Sequence
from typing import Annotated, Any, TypeVar
from urllib.parse import unquote

from fastapi import Path, Query
from pydantic import AfterValidator

from mnemic.core.errors import BadInput
from mnemic.recalling import MAX_PAGE
from mnemic.record_verbs import MAX_SEQ

T = TypeVar("T")
_NO_CURSOR = "cursor: is none that was given out; leave it away to start from the first page"


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


def page_of(rows: Sequence[T], key: Callable[[T], str], limit: int, cursor: str | None) -> tuple[list[T], str | None]:
    """A page of rows by their keys, and the cursor of the next; what comes or goes between two pages shifts nothing.

    >>> page_of(["b", "a", "c"], str, 2, None)
    (['a', 'b'], 'eyJiZWhpbmQiOiAiYiJ9')
    >>> page_of(["a", "b", "c"], str, 2, "eyJiZWhpbmQiOiAiYiJ9")
    (['c'], None)
    """
    behind = None if cursor is None else _behind(cursor)
    left = sorted((row for row in rows if behind is None or key(row) > behind), key=key)
    following = _written({"behind": key(left[limit - 1])}) if len(left) > limit else None
    return left[:limit], following


def cursor_of(**place: int) -> str:
    """A cursor that says where the next page begins; opaque to clients.

    >>> place_of(cursor_of(after=50, at=7), "after", "at")
    (50, 7)
    """
    return _written(place)


def place_of(cursor: str, *names: str) -> tuple[Any, ...]:
    """The places that a cursor holds; raises BadInput when it is none of ours."""
    place = _read(cursor)
    found = tuple(place.get(name) for name in names)
    if any(type(value) is not int or not 0 <= value <= MAX_SEQ for value in found):
        raise BadInput(_NO_CURSOR)
    return found


def _behind(cursor: str) -> str:
    behind = _read(cursor).get("behind")
    if not isinstance(behind, str):
        raise BadInput(_NO_CURSOR)
    return behind


def _written(place: Mapping[str, Any]) -> str:
    return base64.urlsafe_b64encode(json.dumps(place).encode()).decode().rstrip("=")


def _read(cursor: str) -> Mapping[str, Any]:
    try:
        place = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
    except (binascii.Error, ValueError, RecursionError):
        place = None
    if not isinstance(place, dict):
        raise BadInput(_NO_CURSOR)
    return place
