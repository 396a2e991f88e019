"""Degenerate text: one word or stretch over and over, as a model makes it that has lost its thread.

score = 1 - compressed size / size, by zlib, of texts of some length. Ordinary text of a few thousand characters stays
below 0.7; words repeated 58,000 times reach 0.99.
"""

from __future__ import annotations

import re
import zlib

from mnemic.governance.standing import Finding, Said

NAME, THRESHOLD = "degenerate", 0.9
SHORTEST = 400
#: What is looked at of a long text: its beginning and its end.
_PIECE = 16_384
_RUN = re.compile(r"(?:^|\s)(\S{1,40})(?:\s+\1){24,}(?=\s|$)")


def check_degenerate(said: Said) -> Finding | None:
    """How repetitive an event is.

    >>> from mnemic.core.evidence import Event, Part
    >>> from mnemic.core.times import instant
    >>> event = Event(id="e", session="s", role="assistant", parts=(Part("text", "the " * 500),),
    ...               occurred_at=instant("2026-01-01"))
    >>> check_degenerate(Said.of(event)).counts
    True
    """
    text = said.unconfirmed
    if len(text) < SHORTEST:
        return None
    data = (text if len(text) <= 2 * _PIECE else text[:_PIECE] + text[-_PIECE:]).encode("utf-8", "surrogatepass")
    score = 1 - len(zlib.compress(data, 1)) / len(data)
    # In a short text one word can run on without the whole becoming small.
    if score < THRESHOLD and _RUN.search(text[:_PIECE]):
        return Finding(NAME, THRESHOLD, THRESHOLD, "one word 25 times in a row")
    return Finding(NAME, score, THRESHOLD, "repeats itself") if score >= THRESHOLD / 2 else None
