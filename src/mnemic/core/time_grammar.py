"""The vocabulary and the rule table of time expressions: what they are matched with.

A rule is a pattern and a function from the match and what it is resolved against to (interval, kind,
precision); at one place of a text the first rule entered wins.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from mnemic.core import calendar
from mnemic.core.calendar import FIRST, LAST, days, months
from mnemic.core.times import Interval

Kind = Literal["absolute", "relative", "duration", "recurring"]
Precision = Literal[
    "minute", "hour", "day", "week", "weekend", "month", "season", "quarter", "year", "decade"
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Said:
    """What a rule resolves against: the anchor, its day, and whether the sentence looks forward."""

    at: datetime
    day: int
    future: bool

    @property
    def year(self) -> int:
        return self.at.year


Found = tuple[Interval, Kind, Precision]
Match = re.Match[str]

MONTHS = [
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
]
WEEKDAYS = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]
NUMBERS = {
    "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8, "nine": 9,
    "ten": 10, "eleven": 11, "twelve": 12,
}  # fmt: skip
VAGUE = {"couple": (2, 3), "few": (2, 5), "several": (3, 7), "some": (2, 7), "many": (5, 20)}
HALVES = {
    "minute": ("minute", 0, 1), "hour": ("minute", 30, 30), "day": ("hour", 12, 12), "week": ("day", 3, 4),
    "fortnight": ("week", 1, 1), "month": ("week", 2, 2), "quarter": ("week", 6, 7), "year": ("month", 6, 6),
    "decade": ("year", 5, 5),
}  # fmt: skip
DAY_PARTS = {"morning": (6, 6), "afternoon": (12, 6), "evening": (18, 6), "night": (18, 12)}
FIXED_DAYS = {
    "christmas eve": (12, 24), "christmas day": (12, 25), "christmas": (12, 25), "xmas": (12, 25),
    "boxing day": (12, 26), "halloween": (10, 31), "valentine's day": (2, 14), "valentine’s day": (2, 14),
    "valentines day": (2, 14), "new year's eve": (12, 31), "new year’s eve": (12, 31),
    "new year's day": (1, 1), "new year’s day": (1, 1), "new year's": (1, 1), "new year’s": (1, 1),
    "independence day": (7, 4), "fourth of july": (7, 4), "4th of july": (7, 4), "st. patrick's day": (3, 17),
    "juneteenth": (6, 19),
}  # fmt: skip

MONTH = (
    r"(?:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?|"
    r"oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)\.?"
)
MONTH_NAME = "(?:" + "|".join(MONTHS) + ")"
WEEKDAY = "(?:" + "|".join(WEEKDAYS) + ")"
WEEKDAY_BEFORE = r"(?:(?:mon|tues?|wed(?:nes)?|thu(?:rs?)?|fri|sat(?:ur)?|sun)(?:day|\.)?,?\s+(?:the\s+)?)?"
YEAR = r"(?:1[0-9]|20|21)\d\d"
ANY_YEAR = r"\d{4}"
DAY_NUMBER = r"(?:0?[1-9]|[12]\d|3[01])"
UNIT = r"(?:minute|min|hour|hr|day|night|week|weekend|fortnight|month|quarter|year|decade)s?"
COUNT = (
    r"(?:an?\s+(?:couple(?:\s+of)?|few)|a\s+whole|an?|the\s+few|couple(?:\s+of)?|few|several|some|many|\d{1,4}|"
    + "|".join(NUMBERS)
    + r"|half\s+an?)"
)
SEASON = "(?:spring|summer|fall|autumn|winter)"
DAY_PART = "(?:morning|afternoon|evening|night)"
CLOCK = (
    r"(?:(?:[01]?\d|2[0-3]):[0-5]\d(?::[0-5]\d)?(?:\s*(?:[ap]m\b|[ap]\.m\.))?|"
    r"(?:1[0-2]|0?[1-9])\s*(?:[ap]m\b|[ap]\.m\.)|noon|midnight)"
)
HOLIDAY = "(?:" + "|".join(sorted(map(re.escape, (*FIXED_DAYS, "thanksgiving", "easter")), key=len, reverse=True)) + ")"
POINTER = r"(?:last|past|previous|this\s+past|this\s+coming|this|next|coming|upcoming|following|the\s+following)"

FORWARD = re.compile(
    r"\b(?:will|won't|shall|going to|gonna|next|coming|upcoming|plan(?:s|ning)? (?:to|on|for|a)|can't wait|"
    r"looking forward|hop(?:e|es|ing) to|need(?:s)? to|ha(?:ve|s) to|must|want(?:s)? to|"
    r"tomorrow|soon|scheduled|due|deadline|tonight)\b|['’]ll\b", re.I
)  # fmt: skip
WORDS = re.compile(r"[^\W\d_]+")
_CUE_WORDS = """yesterday today tonight tomorrow ago later recently lately noon midnight morning mornings
    afternoon afternoons evening evenings spring summer fall autumn winter christmas xmas easter thanksgiving
    halloween juneteenth boxing valentine valentines independence patrick quarter every daily weekly monthly
    yearly annually minute minutes min mins hour hours hr hrs day days night nights week weeks weekend
    weekends fortnight fortnights month months year years decade decades jan feb mar apr jun jul aug sep sept oct nov
    dec"""
#: Without one of these words, or a digit that :data:`DIGIT_CUE` takes, no rule can match.
CUES = frozenset([*_CUE_WORDS.split(), *MONTHS, *WEEKDAYS, *(day + "s" for day in WEEKDAYS), "quarters"])
_STARTERS = """a an the in for over during within throughout couple few several some many half last past previous this
    next coming upcoming following these my our each on once twice thrice st new q fourth mon tue tues wed wednes thu
    thur thurs fri sat satur sun"""
#: A mention begins with one of these words, a cue or a number.
STARTERS = frozenset([*_STARTERS.split(), *CUES, *NUMBERS])
#: A mention's cue lies at most so many characters after its start.
REACH = 48
TOKENS = re.compile(r"[^\W\d_]+|\d+")
DIGIT_CUE = re.compile(r"\d\d|\d\s*(?:[ap]\.?m\b|:|st\b|nd\b|rd\b|th\b)|Q[1-4]")

Rule = Callable[[Match, Said], Found | None]


class RuleTable:
    """Rules in the order in which they are tried at a place.

    >>> table = RuleTable()
    >>> @table.rule(r"(?P<day>today)")
    ... def today(match, said):
    ...     return days(said.day), "relative", "day"
    >>> table.sources
    ['(?:today)']
    """

    def __init__(self) -> None:
        self.rules: list[tuple[re.Pattern[str], Rule]] = []
        #: The patterns without named groups, fit to be joined into one.
        self.sources: list[str] = []

    def rule(self, pattern: str) -> Callable[[Rule], Rule]:
        """Enter a function as the rule of a pattern (case is ignored)."""

        def enter(function: Rule) -> Rule:
            self.rules.append((re.compile(pattern, re.I), function))
            self.sources.append(re.sub(r"\(\?P<\w+>", "(?:", pattern))
            return function

        return enter


def month_number(name: str) -> int:
    return next(i for i, month in enumerate(MONTHS, 1) if month.startswith(name.lower()[:3]))


def count_of(text: str) -> tuple[int, int]:
    """The least and the most units that a count stands for.

    >>> count_of("12"), count_of("three"), count_of("a few"), count_of("an")
    ((12, 12), (3, 3), (2, 5), (1, 1))
    """
    for word in reversed(re.findall(r"[a-z]+|\d+", text.lower())):
        if word.isdecimal():
            return int(word), int(word)
        if word in NUMBERS:
            return NUMBERS[word], NUMBERS[word]
        if word in VAGUE:
            return VAGUE[word]
    return 1, 1


def amount(count: str, unit: str) -> tuple[str, int, int]:
    """The unit and the least and most of it: half a year is six months.

    >>> amount("half a", "year"), amount("a couple of", "nights")
    (('month', 6, 6), ('day', 2, 3))
    """
    name = unit.lower().removesuffix("s")
    name = {"min": "minute", "hr": "hour", "night": "day", "weekend": "week"}.get(name, name)
    if count.lower().startswith("half"):
        return HALVES[name]
    return name, *count_of(count)


def away(said: Said, unit: str, least: int, most: int, sign: int) -> Found:
    """The interval ``least`` to ``most`` units away, in the direction of ``sign``."""
    near, far = (least, most) if sign > 0 else (-most, -least)
    if unit in ("minute", "hour"):
        step = timedelta(minutes=1) if unit == "minute" else timedelta(hours=1)
        now = said.at.replace(second=0, microsecond=0)
        precision: Precision = "minute" if unit == "minute" else "hour"
        return Interval(shifted(now, step * near), shifted(now, step * (far + 1))), "relative", precision
    if unit == "day":
        return days(said.day + near, far - near + 1), "relative", "day"
    if unit in ("week", "fortnight"):
        weeks = 14 if unit == "fortnight" else 7
        return days(said.day + weeks * near - 3, weeks * (far - near) + 7), "relative", "week"
    size = {"month": 1, "quarter": 3, "year": 12, "decade": 120}[unit]
    first = calendar.month_of(said.day) + size * near
    if unit == "quarter":
        return months(first - first % 3, 3 * (far - near + 1)), "relative", "quarter"
    if unit != "month":
        return months(first - first % 12, size * (far - near) + 12), "relative", "year"
    return months(first, far - near + 1), "relative", "month"


def shifted(when: datetime, delta: timedelta) -> datetime:
    try:
        return when + delta
    except OverflowError:
        return FIRST if delta < timedelta() else LAST


def reach(said: Said, unit: str, count: int, sign: int) -> Interval:
    """``count`` units up to the end of the anchor's day, or from its start on."""
    if unit in ("minute", "hour"):
        size = timedelta(minutes=count) if unit == "minute" else timedelta(hours=count)
        ends = said.at, shifted(said.at, size * sign)
        return Interval(min(ends), max(ends))
    if unit in ("day", "week", "fortnight"):
        far = said.day + sign * count * {"day": 1, "week": 7, "fortnight": 14}[unit]
    else:
        far = calendar.add_months(said.day, sign * count * {"month": 1, "quarter": 3, "year": 12, "decade": 120}[unit])
    first, last = (said.day, far) if sign > 0 else (far, said.day)
    return Interval(calendar.day_start(first), calendar.day_start(last + (sign < 0)))


def nearest(said: Said, dated: Callable[[int], Interval | None], point: str) -> Interval | None:
    """Of a yearly interval the one that ``point`` (last, this, next, or nothing) selects."""
    around = [found for year in range(said.year - 5, said.year + 6) if 1 <= year <= 9999 and (found := dated(year))]
    today = days(said.day)
    before = [one for one in around if one.end <= today.start]
    begun = [one for one in around if one.start <= today.start]
    after = [one for one in around if one.start >= today.end]
    pending = [one for one in around if one.end > today.start]
    point = point.lower().removeprefix("the ")
    if point.startswith(("last", "past", "previous", "this past")):
        return before[-1] if before else None
    if point.startswith(("next", "coming", "upcoming", "following", "this coming")):
        return after[0] if after else None
    if point.startswith("this"):
        return dated(said.year)
    if said.future:
        return pending[0] if pending else None
    return begun[-1] if begun else None


def on_date(year: int, month: int, day: int) -> Interval | None:
    ordinal = calendar.same_day(year, month, day)
    return None if ordinal is None else days(ordinal)


def dated(year: str | None, month: int, day: int, said: Said) -> Found | None:
    def of_year(number: int) -> Interval | None:
        return on_date(number, month, day)

    found = of_year(full_year(year)) if year else nearest(said, of_year, "")
    return (found, "absolute", "day") if found else None


def full_year(text: str) -> int:
    value = int(text.lstrip("'’"))
    if len(text.lstrip("'’")) > 2:
        return value
    return value + (1900 if value >= 50 else 2000)
