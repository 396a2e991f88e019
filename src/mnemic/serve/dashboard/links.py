"""Links of the dashboard: names of banks and ids may hold anything, also what a path gives a meaning to."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote, unquote, urlencode

#: Where the dashboard is.
ROOT = "/ui"


def segment(name: str) -> str:
    """A name as one piece of a path; quoted twice, since servers and browsers undo one quoting and act on dots.

    >>> segment("anna"), segment("a/b"), segment("..")
    ('anna', 'a%252Fb', '%252E%252E')
    """
    inner = quote(name, safe="")
    if set(inner) == {"."}:
        inner = inner.replace(".", "%2E")
    return quote(inner, safe="")


def named(piece: str) -> str:
    """The name that a piece of a path stands for, as a server hands it over.

    >>> named("a%2Fb")
    'a/b'
    """
    return unquote(piece)


def to(*pieces: str, **asked: Any) -> str:
    """A path of the dashboard; what is asked with no value is left out.

    >>> to("banks", "a b", "records", kind="note", after=None)
    '/ui/banks/a%2520b/records?kind=note'
    """
    given = {name.rstrip("_"): value for name, value in asked.items() if value not in (None, "", ())}
    query = "?" + urlencode(given, doseq=True) if given else ""
    return "/".join((ROOT, *map(segment, pieces))) + query
