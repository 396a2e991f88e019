"""Links of the dashboard: names of banks and ids may hold anything, also what a path gives a meaning to."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote, unquote, urlencode

#: Where the dashboard is.
ROOT = "/ui"


def segment(name: str) -> str:
    """A name as one piece of a path; the application hands pieces over decoded one by one.

    >>> segment("anna"), segment("a/b"), named(segment(".."))
    ('anna', 'a%2Fb', '..')
    """
    # Browsers act on dots also when they are quoted once.
    return quote(name, safe="") if set(name) != {"."} else name.replace(".", "%252E")


def named(piece: str) -> str:
    """The name that a piece of a path stands for, as the application hands it over.

    >>> named("a%2Fb")
    'a/b'
    """
    name = unquote(piece)
    while name.startswith("%") and set(name) <= set("%252E"):
        name = unquote(name)
    return name


def to(*pieces: str, **asked: Any) -> str:
    """A path of the dashboard; what is asked with no value is left out.

    >>> to("banks", "a b", "records", kind="note", after=None)
    '/ui/banks/a%20b/records?kind=note'
    """
    given = {name.rstrip("_"): value for name, value in asked.items() if value not in (None, "", ())}
    query = "?" + urlencode(given, doseq=True) if given else ""
    return "/".join((ROOT, *map(segment, pieces))) + query
