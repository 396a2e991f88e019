"""Runs of words of a text, and how much of one text stands in others."""

from __future__ import annotations

import re
from collections.abc import Iterable

_WORD = re.compile(r"\w+")
SIZE = 5


def shingles(text: str) -> list[int]:
    """Hashes of every run of five words, in their order.

    >>> len(shingles("one two three four five six"))
    2
    """
    words = [word.lower() for word in _WORD.findall(text)]
    return [hash(tuple(words[i : i + SIZE])) for i in range(len(words) - SIZE + 1)]


def contained(text: str, others: Iterable[str]) -> tuple[float, int]:
    """The share of a text's runs of words that stand in others, and how many these are.

    >>> contained("she lives in a small flat in Lisbon", ["Anna: she lives in a small flat in Lisbon now"])
    (1.0, 4)
    """
    own = shingles(text)
    if not own:
        return 0.0, 0
    known = {run for other in others for run in shingles(other)}
    found = sum(run in known for run in own)
    return found / len(own), found
