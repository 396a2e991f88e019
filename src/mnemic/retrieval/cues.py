"""Cues: what the wording of a question, or of a turn, gives away: times, and orders that are to stand."""

from __future__ import annotations

import re
from datetime import datetime

from mnemic.core.times import Interval

_ASKS_TIME = re.compile(
    r"^\s*(?:when|how long|how recently)\b|\b(?:since when|how long ago)\b"
    r"|\bwhen (?:did|do|does|is|are|was|were|will|has|have)\b"
    r"|\b(?:what|which) (?:day|date|week|month|year|time|season)\b"
    r"|\bhow many (?:days|weeks|months|years)\b",
    re.I,
)
_TELLS_TIME = re.compile(
    r"\b(?:yesterday|today|tonight|tomorrow|last|next|this (?:week|month|year|weekend|morning|evening|summer|winter"
    r"|spring|fall|autumn)|ago|since|week(?:end)?s?|month|monday|tuesday|wednesday|thursday|friday|saturday|sunday"
    r"|january|february|march|april|may|june|july|august|september|october|november|december|20\d\d|just|recently"
    r"|soon|the other day|few days)\b",
    re.I,
)
_STANDING = re.compile(
    r"^\W*(?:please\s+|kindly\s+)?"
    r"(?:always|never|from now on|going forward|whenever i|every time i|any ?time i|when(?:ever)? i ask)\b",
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


def tells_time(text: str) -> bool:
    """Whether a text has words that place it in time.

    >>> tells_time("We moved last week"), tells_time("We moved")
    (True, False)
    """
    return _TELLS_TIME.search(text) is not None


def stands(text: str) -> bool:
    """Whether a text opens like an order for all times to come.

    >>> stands("Always use metric units."), stands("Use metric units here.")
    (True, False)
    """
    return _STANDING.match(text) is not None


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
