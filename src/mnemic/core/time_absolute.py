"""Rules for times that name their own date: "7 May 2023", "2023-05-07", "summer 2022", "the 90s".

Source: ISO 8601 for the numeric forms; the English ones after the date rules of HeidelTime, SemEval 2010.
"""

from __future__ import annotations

from datetime import timedelta

from mnemic.core import calendar
from mnemic.core.calendar import months
from mnemic.core.time_grammar import (
    ANY_YEAR,
    DAY_NUMBER,
    MONTH,
    SEASON,
    WEEKDAY_BEFORE,
    YEAR,
    Found,
    Match,
    RuleTable,
    Said,
    dated,
    full_year,
    month_number,
    shifted,
)
from mnemic.core.times import Interval

RULES = RuleTable()


@RULES.rule(
    r"\b(?P<y>\d{4})[-/](?P<m>\d\d?)[-/](?P<d>\d\d?)"
    r"(?:[T ](?P<h>[01]\d|2[0-3]):(?P<n>[0-5]\d)(?::[0-5]\d(?:\.\d+)?)?(?P<z>Z|[+-]\d\d:?\d\d)?)?(?!\d)"
)
def _iso(m: Match, said: Said) -> Found | None:
    found = dated(m["y"], int(m["m"]), int(m["d"]), said)
    if found is None or m["h"] is None:
        return found
    offset = timedelta()
    if m["z"] and m["z"] != "Z":
        hours, minutes = int(m["z"][1:3]), int(m["z"][-2:])
        offset = timedelta(hours=hours, minutes=minutes) * (1 if m["z"][0] == "+" else -1)
    start = shifted(found[0].start, timedelta(hours=int(m["h"]), minutes=int(m["n"])) - offset)
    return Interval(start, shifted(start, timedelta(minutes=1))), "absolute", "minute"


@RULES.rule(r"(?<![\d./-])(?P<a>\d\d?)(?P<sep>[/.-])(?P<b>\d\d?)[/.-](?P<y>\d{4}|\d\d)(?![\d/]|[.-]\d)")
def _numeric(m: Match, said: Said) -> Found | None:
    first, second = int(m["a"]), int(m["b"])
    if m["sep"] == "." or first > 12:
        first, second = second, first
    return dated(m["y"], first, second, said)


@RULES.rule(rf"\b(?P<y>{YEAR})-(?P<m>0[1-9]|1[0-2])\b(?![-/\d])")
def _iso_month(m: Match, said: Said) -> Found:  # noqa: ARG001
    return months(int(m["y"]) * 12 + int(m["m"]) - 1), "absolute", "month"


@RULES.rule(
    rf"\b{WEEKDAY_BEFORE}(?P<d>{DAY_NUMBER})(?:st|nd|rd|th)?[\s-]+(?:of\s+)?(?P<m>{MONTH})(?![a-z])(?:(?:,?\s*(?:of\s+|in\s+)?|-)(?P<y>{ANY_YEAR})(?![\d:]))?"
)
def _day_month(m: Match, said: Said) -> Found | None:
    return dated(m["y"], month_number(m["m"]), int(m["d"]), said)


@RULES.rule(
    rf"\b{WEEKDAY_BEFORE}(?P<m>{MONTH})(?:\s+(?:the\s+)?|-)(?P<d>{DAY_NUMBER})(?:st|nd|rd|th)?(?![\d:]|\s*[ap]\.?m\b)(?:(?:,?\s*(?:of\s+|in\s+)?|-)(?P<y>{ANY_YEAR})(?![\d:]))?"
)
def _month_day(m: Match, said: Said) -> Found | None:
    return dated(m["y"], month_number(m["m"]), int(m["d"]), said)


@RULES.rule(rf"\b(?P<m>{MONTH})(?:,?\s+(?:of\s+|in\s+)?|-)(?P<y>{YEAR}|['’]\d\d)(?!\d)")
def _month_year(m: Match, said: Said) -> Found:  # noqa: ARG001
    return months(full_year(m["y"]) * 12 + month_number(m["m"]) - 1), "absolute", "month"


@RULES.rule(rf"\b(?P<s>{SEASON})(?:\s+(?:of\s+|in\s+)?)(?P<y>{YEAR}|['’]\d\d)(?!\d)")
def _season_year(m: Match, said: Said) -> Found:  # noqa: ARG001
    return calendar.season(m["s"].lower(), full_year(m["y"])), "absolute", "season"


@RULES.rule(
    rf"\b(?:(?:q(?P<q>[1-4])|the\s+(?P<o>first|second|third|fourth|last)\s+quarter)(?:\s+of)?\s*,?\s*(?P<y>{YEAR}))\b"
)
def _quarter_year(m: Match, said: Said) -> Found:  # noqa: ARG001
    number = int(m["q"]) if m["q"] else ["first", "second", "third", "fourth", "last"].index(m["o"].lower()) % 4 + 1
    number = 4 if (m["o"] or "").lower() == "last" else number
    return months(int(m["y"]) * 12 + (number - 1) * 3, 3), "absolute", "quarter"


@RULES.rule(r"(?:\bthe\s+(?:early\s+|late\s+|mid[- ]?)?(?P<d>(?:1[5-9]|20)\d0|['’]?\d0)['’]?s\b)")
def _decade(m: Match, said: Said) -> Found:  # noqa: ARG001
    digits = m["d"].lstrip("'’")
    start = int(digits) if len(digits) == 4 else int(digits) + (1900 if int(digits) >= 30 else 2000)
    return months(start * 12, 120), "absolute", "decade"
