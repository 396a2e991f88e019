"""JSON read with suspicion: every way in which a document can be wrong ends in one BadInput.

Depth, NaN, over-long numbers, lone surrogates and NUL characters are refused here, since no store keeps them.
"""

from __future__ import annotations

import json
import re
from typing import Any, NoReturn

from mnemic.core.errors import BadInput
from mnemic.ingest.message import shown

MAX_META_DEPTH = 32
"""The deepest nesting that is kept in an event's meta."""

_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")


def parse(text: str, *, one_line: bool = False) -> Any:
    """The value of a JSON text; raises BadInput that says where it is wrong.

    >>> parse('{"role": "user"}')
    {'role': 'user'}
    >>> parse('[1,\\n 2')
    Traceback (most recent call last):
    mnemic.core.errors.BadInput: not JSON at line 2, column 3: Expecting ',' delimiter
    """
    try:
        return json.loads(text, parse_constant=_no_constant)
    except json.JSONDecodeError as error:
        line = "" if one_line else f"line {error.lineno}, "
        raise BadInput(f"not JSON at {line}column {error.colno}: {error.msg}") from None
    except RecursionError:
        raise BadInput("JSON is nested too deeply; flatten it") from None
    except ValueError as error:
        raise BadInput(f"not JSON: {error}") from None


def _no_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not a JSON number; write null")


def check_storable(value: object, field: str) -> None:
    """Raise BadInput when a value holds what no store can keep: lone surrogates, NUL, or too deep nesting.

    >>> check_storable("a\\ud800", "content")
    Traceback (most recent call last):
    mnemic.core.errors.BadInput: content: holds half a character (lone surrogate \\ud800) at offset 1; ...
    """
    pending: list[tuple[object, int]] = [(value, 0)]
    while pending:
        item, depth = pending.pop()
        if isinstance(item, str):
            if found := _UNSTORABLE.search(item):
                what = (
                    "a NUL character"
                    if found[0] == "\x00"
                    else f"half a character (lone surrogate \\u{ord(found[0]):04x})"
                )
                raise BadInput(f"{field}: holds {what} at offset {found.start()}; write the text out again as UTF-8")
        elif isinstance(item, (dict, list, tuple)):
            if depth >= MAX_META_DEPTH:
                raise BadInput(f"{field}: is nested more than {MAX_META_DEPTH} deep; flatten it")
            pending.extend((key, depth) for key in (item if isinstance(item, dict) else ()))
            pending.extend((below, depth + 1) for below in (item.values() if isinstance(item, dict) else item))


def text_of(value: object, field: str) -> str:
    """A string as it is, None as the empty one; raises BadInput, naming ``field``, for anything else.

    >>> text_of(None, "content"), text_of("hi", "content")
    ('', 'hi')
    """
    if value is None:
        return ""
    if isinstance(value, str):
        return value
    raise BadInput(f"{field}: {shown(value)} is no text; give a string")


def name_of(value: object, field: str) -> str:
    """A short identifying string or whole number, as a string; raises BadInput, naming ``field``.

    >>> name_of(7, "id"), name_of(" Anna ", "actor")
    ('7', 'Anna')
    """
    if isinstance(value, int) and not isinstance(value, bool):
        value = str(value)
    name = text_of(value, field).strip()
    if len(name) > 256:
        raise BadInput(f"{field}: {shown(name)} has {len(name)} characters; use at most 256")
    return name
