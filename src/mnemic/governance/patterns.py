"""Patterns of names in grants and policies: a name as it is, or with ``*`` for any run of characters."""

from __future__ import annotations

import re
from functools import lru_cache


@lru_cache(maxsize=4096)
def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(".*".join(map(re.escape, pattern.split("*"))), re.DOTALL)


def fits(pattern: str, name: str) -> bool:
    """Whether a name fits a pattern, letter by letter.

    >>> fits("team-*", "team-blue"), fits("team-*", "Team-blue"), fits("a.b", "axb"), fits("*", "")
    (True, False, False, True)
    """
    return _compiled(pattern).fullmatch(name) is not None


def within(narrow: str, wide: str) -> bool:
    """Whether all that fits one pattern surely fits the other.

    >>> within("team-blue", "team-*"), within("team-b*", "team-*"), within("*", "team-*")
    (True, True, False)
    """
    # A star stands for itself when it is looked at as text, and only a star of the wide pattern takes it in.
    return narrow == wide or ("*" in wide and fits(wide, narrow))
