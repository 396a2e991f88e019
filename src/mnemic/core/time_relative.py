"""Rules for times that lean on the day on which they are said: "last Saturday", "two weeks ago", "in May".

Source: the relative rules of HeidelTime, SemEval 2010, with Monday weeks and the readings that
:mod:`mnemic.core.time_expressions` lists.
"""

from __future__ import annotations

import re
from datetime import timedelta

from mnemic.core import calendar
from mnemic.core.calendar import FIRST, LAST, days, months
from mnemic.core.time_grammar import (
    CLOCK,
    COUNT,
    DAY_PART,
    DAY_PARTS,
    FIXED_DAYS,
    HOLIDAY,
    MONTH_NAME,
    POINTER,
    SEASON,
    UNIT,
    WEEKDAY,
    WEEKDAYS,
    YEAR,
    Found,
    Match,
    Precision,
    RuleTable,
    Said,
    amount,
    away,
    month_number,
    nearest,
    on_date,
    reach,
    shifted,
)
from mnemic.core.times import Interval

RULES = RuleTable()
_LEADS_MONTH = re.compile(
    r"\b(?:in|of|since|during|by|until|till|from|before|after|around|through|late|early|mid|between|every|"
    r"throughout)[\s-]+$", re.I
)  # fmt: skip
_LEADS_SEASON = re.compile(
    r"\b(?:in|during|over|since|by|until|till|before|after|for|from|all|early|late|mid|throughout)[\s-]+(?:the\s+)?$",
    re.I,
)
_LEADS_YEAR = re.compile(r"\b(?:in|since|during|year|circa|throughout)\s+(?:the\s+year\s+)?$", re.I)
_MAY_LEAD_YEAR = re.compile(
    r"\b(?:of|from|until|till|by|before|after|around|to|and|through|early|late|mid)[\s-]+$", re.I
)
_NAMES_OR_VERBS = frozenset({"april", "may", "june", "august", "march"})


def part_of(day: int, part: str | None) -> Interval:
    """A day, or its morning (6 to 12), afternoon (12 to 18), evening (18 to 24) or night (18 to 6)."""
    if part is None:
        return days(day)
    begin, length = DAY_PARTS[part.lower()]
    start = shifted(calendar.day_start(day), timedelta(hours=begin))
    return Interval(start, shifted(start, timedelta(hours=length)))


def _in_part(day: int, part: str | None) -> Found:
    return part_of(day, part), "relative", "hour" if part else "day"


def weekday_day(said: Said, number: int, point: str = "") -> int:
    """The day that a weekday and its pointer (last, this, next, coming or nothing) select."""
    ahead = (number - calendar.weekday(said.day)) % 7
    behind = (calendar.weekday(said.day) - number) % 7
    point = re.sub(r"\s+", " ", point.lower()).removeprefix("the ")
    if point.startswith(("last", "past", "previous", "this past")):
        return said.day - (behind or 7)
    if point.startswith(("coming", "upcoming", "following", "this coming")):
        return said.day + (ahead or 7)
    if point.startswith("this"):
        return said.day + ahead
    if point.startswith("next"):
        return said.day - calendar.weekday(said.day) + 7 + number
    return said.day + (ahead or 7) if said.future else said.day - (behind or 7)


@RULES.rule(r"\bthe\s+(?P<u>day|night)\s+(?P<w>before\s+yesterday|after\s+tomorrow|before\s+last)\b")
def _two_days(m: Match, said: Said) -> Found:
    day = said.day + (2 if m["w"].lower().startswith("after") else -2)
    return _in_part(day, "night" if m["u"].lower() == "night" else None)


@RULES.rule(rf"\b(?P<d>yesterday|today|tomorrow)(?:['’]s)?(?:\s+(?P<p>{DAY_PART})\b)?")
def _day_word(m: Match, said: Said) -> Found:
    return _in_part(said.day + {"yesterday": -1, "today": 0, "tomorrow": 1}[m["d"].lower()], m["p"])


@RULES.rule(rf"\b(?P<w>tonight|last\s+(?:night|evening)|this\s+{DAY_PART})\b")
def _night_word(m: Match, said: Said) -> Found:
    word = m["w"].lower()
    part = "night" if word == "tonight" else word.split()[-1]
    return _in_part(said.day - word.startswith("last"), part)


@RULES.rule(
    rf"\b(?:the\s+)?(?P<u>week|weekend|month|quarter|year|{WEEKDAY}|{SEASON})\s+(?P<w>before\s+last|after\s+next)\b"
)
def _before_last(m: Match, said: Said) -> Found | None:
    sign = 1 if m["w"].lower().startswith("after") else -1
    name = m["u"].lower()
    if name in WEEKDAYS:
        return _in_part(weekday_day(said, WEEKDAYS.index(name), "next" if sign > 0 else "last") + 7 * sign, None)
    if name in calendar.SEASONS:
        near = nearest(said, lambda year: calendar.season(name, year), "next" if sign > 0 else "last")
        return (calendar.season(name, near.start.year + sign), "relative", "season") if near else None
    return pointed_unit(said, name, 2 * sign)


def pointed_unit(said: Said, unit: str, offset: int) -> Found:
    """The calendar unit ``offset`` places after the one that holds the anchor."""
    if unit == "weekend":
        return calendar.weekend(said.day, offset), "relative", "weekend"
    if unit == "day":
        return days(said.day + offset), "relative", "day"
    if unit == "week":
        return calendar.week(said.day, offset), "relative", "week"
    if unit == "fortnight":
        return days(said.day - calendar.weekday(said.day) + 14 * offset, 14), "relative", "week"
    size, precision = _MONTH_UNITS[unit]
    index = calendar.month_of(said.day)
    return months(index - index % size + offset * size, size), "relative", precision


_PRECISIONS: dict[str, Precision] = {
    "minute": "minute", "hour": "hour", "day": "day", "week": "week", "fortnight": "week", "month": "month",
    "quarter": "quarter", "year": "year", "decade": "decade",
}  # fmt: skip
_MONTH_UNITS: dict[str, tuple[int, Precision]] = {
    "month": (1, "month"), "quarter": (3, "quarter"), "year": (12, "year"), "decade": (120, "decade"),
}  # fmt: skip


@RULES.rule(rf"\b(?P<c>{COUNT})\s+(?P<u>{UNIT})\s+(?:ago|back|earlier)\b")
def _ago(m: Match, said: Said) -> Found:
    return _counted(m, said, -1)


@RULES.rule(
    rf"\b(?:in\s+(?P<c>{COUNT})\s+(?P<u>{UNIT})(?:['’]?s?\s+time)?\b(?![\s-]+(?:old|ago)\b)"
    rf"|(?P<c2>{COUNT})\s+(?P<u2>{UNIT})\s+(?:later|from\s+now|from\s+today|hence)\b)"
)
def _ahead(m: Match, said: Said) -> Found:
    return _counted(m, said, 1)


def _counted(m: Match, said: Said, sign: int) -> Found:
    groups = m.groupdict()
    unit, least, most = amount(groups["c"] or groups["c2"], groups["u"] or groups["u2"])
    return away(said, unit, least, most, sign)


@RULES.rule(
    rf"\b(?:(?:for|over|during|in|within|throughout)\s+)?(?:(?:the|these|this|my|our)\s+)?"
    rf"(?P<w>last|past|previous|next|coming|following)\s+(?P<c>{COUNT})\s+(?P<u>{UNIT})\b"
    rf"|\b(?:for|over|during|in|within|throughout)\s+the\s+(?P<w2>last|past|next|coming)\s+(?P<u2>day|week|month|quarter|year|decade)\b"
    rf"|\b(?:the|this)\s+(?P<w3>past)\s+(?P<u3>day|week|month|quarter|year|decade)\b"
)
def _stretch(m: Match, said: Said) -> Found:
    word = (m["w"] or m["w2"] or m["w3"]).lower()
    unit, _, most = amount(m["c"] or "one", m["u"] or m["u2"] or m["u3"])
    sign = 1 if word in ("next", "coming", "following") else -1
    return reach(said, unit, most, sign), "duration", precision_of(unit)


def precision_of(unit: str) -> Precision:
    """The precision at which a unit is spoken of."""
    return _PRECISIONS[unit]


@RULES.rule(
    rf"\b(?:every(?:\s+(?:single|other|second|few))?\s+"
    rf"(?:{UNIT}|{DAY_PART}|{WEEKDAY}|{MONTH_NAME}|{SEASON}|{HOLIDAY}|\d+\s+{UNIT})"
    rf"|each\s+(?:{UNIT}|{DAY_PART}|{WEEKDAY}|{SEASON})|{WEEKDAY}s|on\s+week(?:end|day)s"
    rf"|(?:once|twice|thrice|{COUNT}\s+times)\s+(?:an?|per|every)\s+{UNIT}"
    r"|daily|weekly|monthly|yearly|annually)\b"
)
def _every(m: Match, said: Said) -> Found:  # noqa: ARG001
    words = m[0].lower()
    for stem, precision in _REPEATS.items():
        if stem in words:
            return Interval(FIRST, LAST), "recurring", precision
    return Interval(FIRST, LAST), "recurring", "day"


_REPEATS: dict[str, Precision] = {
    "minute": "minute", "hour": "hour", "morning": "hour", "afternoon": "hour", "evening": "hour",
    "weekend": "weekend", "week": "week", "month": "month", "quarter": "quarter", "year": "year",
    "annual": "year", "decade": "decade", "spring": "season", "summer": "season", "fall": "season",
    "autumn": "season", "winter": "season",
}  # fmt: skip


@RULES.rule(rf"\b(?P<p>{POINTER})\s+(?P<u>week|weekend|fortnight|month|quarter|year|decade|day)\b(?!['’-])")
def _pointed(m: Match, said: Said) -> Found | None:
    point, unit = re.sub(r"\s+", " ", m["p"].lower()).removeprefix("the "), m["u"].lower()
    if unit == "day" and point not in ("next", "following", "previous"):
        return None
    if point == "this":
        return pointed_unit(said, unit, 0)
    if unit == "weekend" and "coming" in point:
        return pointed_unit(said, unit, int(calendar.weekday(said.day) >= 5))
    return pointed_unit(said, unit, -1 if point in ("last", "past", "previous", "this past") else 1)


@RULES.rule(rf"\b(?:(?P<p>{POINTER})\s+)?(?P<d>{WEEKDAY})(?:\s+(?P<n>{DAY_PART}))?\b(?!['’]s\b)")
def _weekday(m: Match, said: Said) -> Found:
    return _in_part(weekday_day(said, WEEKDAYS.index(m["d"].lower()), m["p"] or ""), m["n"])


@RULES.rule(rf"\b(?:(?P<p>{POINTER})\s+)?(?P<m>{MONTH_NAME})\b(?!['’]s\b)")
def _month(m: Match, said: Said) -> Found | None:
    name = m["m"]
    if not m["p"] and name.lower() in _NAMES_OR_VERBS:
        lead = _LEADS_MONTH.search(m.string[max(0, m.start() - 16) : m.start()])
        if lead is None or (name.islower() and not lead[0].lower().startswith(("in", "since", "during"))):
            return None
    found = nearest(said, lambda year: months(year * 12 + month_number(name) - 1), m["p"] or "")
    return (found, "relative" if m["p"] else "absolute", "month") if found else None


@RULES.rule(rf"\b(?:(?P<p>{POINTER})\s+)?(?P<s>{SEASON})\b")
def _season(m: Match, said: Said) -> Found | None:
    if not m["p"] and not _LEADS_SEASON.search(m.string[max(0, m.start() - 20) : m.start()]):
        return None
    found = nearest(said, lambda year: calendar.season(m["s"].lower(), year), m["p"] or "")
    return (found, "relative", "season") if found else None


@RULES.rule(rf"\b(?:(?P<p>{POINTER})\s+)?(?P<h>{HOLIDAY})(?!\w)(?:,?\s+(?:of\s+|in\s+)?(?P<y>{YEAR})\b)?")
def _holiday(m: Match, said: Said) -> Found | None:
    name = m["h"].lower()

    def of_year(year: int) -> Interval | None:
        if name == "easter":
            return days(calendar.easter(year))
        if name == "thanksgiving":
            return days(calendar.thanksgiving(year))
        return on_date(year, *FIXED_DAYS[name])

    found = of_year(int(m["y"])) if m["y"] else nearest(said, of_year, m["p"] or "")
    return (found, "absolute" if m["y"] else "relative", "day") if found else None


@RULES.rule(
    rf"\bfor\s+(?:about\s+|around\s+|almost\s+|nearly\s+|over\s+|more\s+than\s+)?(?P<c>{COUNT})\s+(?P<u>{UNIT})\b(?!['’-]|\s+old\b)"
)
def _for(m: Match, said: Said) -> Found:
    unit, _, most = amount(m["c"], m["u"])
    return reach(said, unit, most, 1 if said.future else -1), "duration", precision_of(unit)


@RULES.rule(r"\bthe\s+other\s+(?:day|night|week)\b|\brecently\b|\blately\b")
def _recently(m: Match, said: Said) -> Found:
    if "other" in m[0].lower():
        back = 14 if m[0].lower().endswith("week") else 7
        return days(said.day - back, back), "relative", "week"
    return reach(said, "month", 1, -1), "relative", "month"


@RULES.rule(r"\bthe\s+(?P<d>[12]?\d|3[01])(?:st|nd|rd|th)\b(?=\s*(?:[.,;!?]|$|at\b|and\b|for\b|to\b))")
def _day_of_month(m: Match, said: Said) -> Found | None:
    here = calendar.month_of(said.day)
    order = range(here, here + 12) if said.future else range(here, here - 12, -1)
    for index in order:
        day = calendar.same_day(*divmod(index, 12)[:1], index % 12 + 1, int(m["d"]))
        if day is not None and (day >= said.day if said.future else day <= said.day):
            return days(day), "relative", "day"
    return None


@RULES.rule(rf"\b(?P<y>{YEAR})\b(?!\s+(?!was\b|is\b|has\b|as\b|this\b)[a-z]+s\b|[,.:]\d|%|\s*(?:[ap]m|km|kg|miles)\b)")
def _year(m: Match, said: Said) -> Found | None:  # noqa: ARG001
    before = m.string[max(0, m.start() - 24) : m.start()]
    recent = "1800" <= m["y"] < "2200"
    if not _LEADS_YEAR.search(before) and not (recent and _MAY_LEAD_YEAR.search(before)):
        return None
    return months(int(m["y"]) * 12, 12), "absolute", "year"


@RULES.rule(rf"(?<![\w:.])(?P<t>{CLOCK})(?![\w:])")
def _clock(m: Match, said: Said) -> Found:
    """A time of day, on the anchor's day until a date beside it says otherwise."""
    text = m["t"].lower()
    if text in ("noon", "midnight"):
        offset = timedelta(hours=12 if text == "noon" else 0)
    else:
        numbers = [int(number) for number in re.findall(r"\d+", text)]
        hour = numbers[0] % 12 + 12 * ("p" in text) if "m" in text else numbers[0]
        offset = timedelta(hours=hour, minutes=numbers[1] if len(numbers) > 1 else 0)
    minute = ":" in text
    start = shifted(calendar.day_start(said.day), offset)
    length = timedelta(minutes=1) if minute else timedelta(hours=1)
    return Interval(start, shifted(start, length)), "relative", "minute" if minute else "hour"
