"""Cues: what the wording of a question says about time."""

from __future__ import annotations

import re
from datetime import datetime

from mnemic.core.times import Interval

_ASKS_TIME = re.compile(
    r"\b(?:when|since when|how long ago|how recently|(?:what|which) (?:day|date|week|month|year|time|season)"
    r"|how (?:long|many (?:days|weeks|months|years))"
    r" (?:ago|since|before|after|passed|has|have|had|did|was|is|between))\b",
    re.I,
)
_HOW = re.compile(r"\bhow\s+$", re.I)
_ASKS_LATEST = re.compile(
    r"\b(?:latest|newest|most recent(?:ly)?|recent(?:ly)?|last time|current(?:ly)?|now|nowadays|these days"
    r"|at the moment|at present|today|still|any ?more|so far|up to date|lately)\b",
    re.I,
)


def asks_time(text: str) -> bool:
    """Whether a question is for a date or a stretch of time.

    >>> asks_time("When did Anna move?"), asks_time("Where does Anna live?")
    (True, False)
    """
    return _ASKS_TIME.search(text) is not None


def asks_latest(text: str) -> bool:
    """Whether a question is for how things stand now.

    >>> asks_latest("Where does Anna live now?"), asks_latest("Where did Anna live in 2020?")
    (True, False)
    """
    return _ASKS_LATEST.search(text) is not None


def interval_of(text: str, asked_at: datetime) -> Interval | None:
    """The first stretch of time that a question names, resolved against the day it is asked on; or None.

    What recurs ("every Monday") or is asked for ("how many days ago") is no stretch.

    >>> from mnemic.core.times import instant
    >>> interval_of("Where was she in May 2025?", instant("2026-06-02")).to_json()
    ['2025-05-01T00:00:00+00:00', '2025-06-01T00:00:00+00:00']
    """
    from mnemic.core.time_expressions import find_times

    for mention in find_times(text, asked_at):
        if mention.kind != "recurring" and not _HOW.search(text[: mention.start]):
            return mention.interval
    return None
