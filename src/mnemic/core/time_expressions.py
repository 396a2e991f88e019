"""Finds the times that an English text speaks of and resolves them against the day on which it was said.

mention -> [start, end) in UTC. A table of patterns gives simple mentions; words before or between them
("since", "the Friday before", "from .. to ..") then widen, move or join those. Source: the TIMEX3 types of
J. Pustejovsky et al., "TimeML", 2003, and the rule tables of J. Strötgen and M. Gertz, "HeidelTime", 2010.

Where English leaves it open:

* A date without a year, a bare month or a bare weekday is the latest one up to the anchor, or the next one
  when the sentence looks forward (will, going to, next, coming...).
* ``05/07/2023`` is 7 May (month first) unless only day first is a date; with dots, ``05.07.2023``, day first.
* "this Saturday" is the one from the anchor day on, "last" the latest before it, "next" the one of the next
  Monday week, "coming" the first after it. Holidays, months and seasons follow the same pattern by year.
* "N days ago" is that day, "N weeks ago" the seven days around it, "N months/years ago" that calendar month
  or year; a couple is 2 to 3, a few 2 to 5, several 3 to 7.
* "since X" ends with the anchor's day; "before/until/by X" begins in year 1, "after X" ends in 9999.
* "for N years" ends at the anchor, or begins there when the sentence looks forward. Something recurring
  ("every Monday") has no bounds. "N years old" is no time.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import cast

from mnemic.core import calendar, time_absolute, time_relative
from mnemic.core.calendar import FIRST, LAST, days
from mnemic.core.time_grammar import (
    CLOCK,
    COUNT,
    CUES,
    DIGIT_CUE,
    FORWARD,
    REACH,
    STARTERS,
    TOKENS,
    UNIT,
    WEEKDAY,
    WEEKDAYS,
    WORDS,
    Kind,
    Precision,
    Said,
    amount,
    away,
    shifted,
)
from mnemic.core.time_relative import pointed_unit
from mnemic.core.times import Interval, instant

__all__ = ["Kind", "Precision", "TimeMention", "find_times"]


@dataclass(frozen=True, slots=True)
class TimeMention:
    """A stretch of text ``[start, end)`` and the interval that it speaks of."""

    start: int
    end: int
    text: str
    interval: Interval
    kind: Kind
    precision: Precision


_RULES = (*time_absolute.RULES.rules, *time_relative.RULES.rules)
_SOURCES = (*time_absolute.RULES.sources, *time_relative.RULES.sources)
_ANY = re.compile("|".join(f"(?P<r{i}>{source})" for i, source in enumerate(_SOURCES)), re.I)
_CLOCK = re.compile(CLOCK, re.I)
_SENTENCE_END = re.compile(r"[.!?]+(?=\s|$)|\n")
_OPEN_ENDED = r"since|ever\s+since|before|prior\s+to|after|until|till|by"
_NARROW = r"earlier|later|early(?:\s+in)?|late(?:\s+in)?|mid|(?:the\s+)?(?:beginning|start|end|middle)\s+of"
_BEFORE = re.compile(
    rf"\b(?:(?P<open>{_OPEN_ENDED})|(?P<narrow>{_NARROW})"
    rf"|(?:the\s+)?(?P<nth>first|second|third|fourth|last)\s+(?P<part>week|weekend|{WEEKDAY})\s+(?:of|in)"
    rf"|(?:the\s+)?(?P<unit>day|night|week|weekend|month|year|{WEEKDAY})\s+(?P<side>before|after|following|of)"
    rf"|(?P<count>{COUNT})\s+(?P<units>{UNIT})\s+(?P<away>before|after|from))[\s-]+(?:the\s+)?$",
    re.I,
)
_RANGE_OPENS = re.compile(r"\b(?:from|between)\s+(?:the\s+)?$", re.I)
_RANGE_JOINS = re.compile(r"\s*(?:to|until|till|through|and|-|–|—)\s*(?:the\s+)?", re.I)
_CLOCK_THEN_DAY = re.compile(r"\s*,?\s*(?:on\s+)?(?:the\s+)?", re.I)
_DAY_THEN_CLOCK = re.compile(r"\s*,?\s*(?:at|around|about|by|@)?\s*", re.I)


def find_times(text: str, anchor: datetime) -> list[TimeMention]:
    """The times that ``text`` mentions, in order, without overlap, resolved against ``anchor``.

    A text without a cue (no number, month, weekday, unit of time...) is left after one look at its words.
    Raises BadInput when ``anchor`` is no time; never on a text.

    >>> found = find_times("We met two days ago and will go to Porto in May.", instant("2023-05-25"))
    >>> [(m.text, m.interval.start.date().isoformat(), m.precision) for m in found]
    [('two days ago', '2023-05-23', 'day'), ('May', '2023-05-01', 'month')]
    """
    if not DIGIT_CUE.search(text) and CUES.isdisjoint(WORDS.findall(text.lower())):
        return []
    at = instant(anchor, "anchor")
    mentions = _join_ranges(_join_clocks(_simple(text, at), text), text)
    out: list[TimeMention] = []
    for mention in mentions:
        lone = out[-1] if out and out[-1].text.lower().split()[-1] in WEEKDAYS else None
        settled = out[:-1] if lone else out
        floor = settled[-1].end if settled else 0
        whole = _modified(mention, text, floor, at)
        if lone and whole.start < lone.end:
            # "the Friday before 15 July": the weekday is no mention of its own.
            out.pop()
        out.append(whole)
    return out


def _simple(text: str, at: datetime) -> list[TimeMention]:
    out = []
    place = 0
    for start in _starts(text):
        match = _ANY.match(text, start) if start >= place else None
        if match and (mention := _resolve(text, start, int((match.lastgroup or "r0")[1:]), at)):
            out.append(mention)
            place = mention.end
    return out


def _starts(text: str) -> list[int]:
    """Where a mention may begin: at a fitting word with a cue not far behind it."""
    out: list[int] = []
    waiting: list[int] = []
    for token in TOKENS.finditer(text):
        word = token[0].lower()
        if word in STARTERS or word.isdigit():
            waiting.append(token.start())
        if word in CUES or word.isdigit():
            out.extend(start for start in waiting if token.start() - start <= REACH)
            waiting.clear()
    return out


def _resolve(text: str, start: int, first: int, at: datetime) -> TimeMention | None:
    """The first rule from ``first`` on that both matches at ``start`` and makes sense there."""
    said = Said(at, at.toordinal(), _looks_forward(text, start))
    for pattern, resolve in _RULES[first:]:
        match = pattern.match(text, start)
        found = resolve(match, said) if match else None
        if match and found:
            return TimeMention(start, match.end(), match[0], *found)
    return None


def _looks_forward(text: str, place: int) -> bool:
    ends = [m.end() for m in _SENTENCE_END.finditer(text, max(0, place - 300), place)]
    after = _SENTENCE_END.search(text, place)
    stop = min(after.start() if after else len(text), place + 300)
    return FORWARD.search(text, ends[-1] if ends else max(0, place - 300), stop) is not None


def _join_clocks(mentions: list[TimeMention], text: str) -> list[TimeMention]:
    """ "1:56 pm" and "8 May" beside each other are one instant of that day."""
    out: list[TimeMention] = []
    for mention in mentions:
        before = out[-1] if out else None
        gap = text[before.end : mention.start] if before else ""
        if before and _is_clock(before) and mention.precision == "day" and _CLOCK_THEN_DAY.fullmatch(gap):
            out[-1] = _at_clock(mention, before, text)
        elif before and _is_clock(mention) and before.precision == "day" and _DAY_THEN_CLOCK.fullmatch(gap):
            out[-1] = _at_clock(before, mention, text)
        else:
            out.append(mention)
    return out


def _is_clock(mention: TimeMention) -> bool:
    return _CLOCK.fullmatch(mention.text) is not None


def _at_clock(day: TimeMention, clock: TimeMention, text: str) -> TimeMention:
    since_midnight = clock.interval.start - calendar.day_start(clock.interval.start.toordinal())
    start = shifted(day.interval.start, since_midnight)
    interval = Interval(start, shifted(start, clock.interval.end - clock.interval.start))
    first, last = min(day.start, clock.start), max(day.end, clock.end)
    return TimeMention(first, last, text[first:last], interval, day.kind, clock.precision)


def _join_ranges(mentions: list[TimeMention], text: str) -> list[TimeMention]:
    """ "from 2019 to 2021" is one stretch from the start of the first to the end of the second."""
    out: list[TimeMention] = []
    for mention in mentions:
        before = out[-1] if out else None
        if before and _RANGE_JOINS.fullmatch(text, before.end, mention.start):
            opens = _RANGE_OPENS.search(text, max(0, before.start - 16), before.start)
            start = before.interval.start
            if start > mention.interval.end:
                # Without years each end is the latest of its name: "between May and July", said in June.
                start = calendar.day_start(calendar.add_months(start.toordinal(), -12))
            if opens and start <= mention.interval.end:
                whole = Interval(start, mention.interval.end)
                shown = text[opens.start() : mention.end]
                out[-1] = TimeMention(opens.start(), mention.end, shown, whole, before.kind, before.precision)
                continue
        out.append(mention)
    return out


def _modified(mention: TimeMention, text: str, floor: int, at: datetime) -> TimeMention:
    """The mention after the words before it had their say, the nearest first."""
    for _ in range(3):
        if mention.kind == "recurring":
            return mention
        found = _BEFORE.search(text, max(floor, mention.start - 40), mention.start)
        if found is None:
            return mention
        interval, precision = _apply(found, mention, at)
        mention = replace(
            mention,
            start=found.start(),
            text=text[found.start() : mention.end],
            interval=interval,
            precision=precision,
        )
    return mention


def _apply(found: re.Match[str], mention: TimeMention, at: datetime) -> tuple[Interval, Precision]:
    if found["open"]:
        return _open_ended(found["open"].lower().split()[-1], mention.interval, at), mention.precision
    if found["narrow"]:
        return _narrowed(found["narrow"].lower(), mention.interval, at), mention.precision
    if found["nth"]:
        return _nth(found["nth"].lower(), found["part"].lower(), mention.interval)
    if found["unit"]:
        return _beside(found["unit"].lower(), found["side"].lower(), mention.interval)
    unit, least, most = amount(found["count"], found["units"])
    back = found["away"].lower() == "before"
    edge = mention.interval.start if back else shifted(mention.interval.end, timedelta(microseconds=-1))
    said = Said(edge, edge.toordinal(), future=False)
    interval, _, precision = away(said, unit, least, most, -1 if back else 1)
    return interval, precision


def _open_ended(word: str, interval: Interval, at: datetime) -> Interval:
    today = days(at.toordinal())
    if word == "since":
        return Interval(interval.start, today.end if interval.start < today.end else LAST)
    if word == "after":
        return Interval(interval.end, LAST)
    if word in ("before", "to"):
        return Interval(FIRST, interval.start)
    start = min(today.start, interval.start) if interval.end > today.start else FIRST
    return Interval(start, interval.end)


def _narrowed(word: str, interval: Interval, at: datetime) -> Interval:
    """Earlier and later: up to or from the anchor's day; early, middle, late: a third."""
    today = days(at.toordinal())
    if word == "earlier" and interval.contains(at):
        return Interval(interval.start, min(interval.end, today.end))
    if word == "later" and interval.contains(at):
        return Interval(max(interval.start, today.start), interval.end)
    third = (interval.end - interval.start) / 3
    if word.startswith(("earl", "the beginning", "beginning", "the start", "start")):
        return Interval(interval.start, interval.start + third)
    if "mid" in word:
        return Interval(interval.start + third, interval.end - third)
    return Interval(interval.end - third, interval.end)


def _beside(unit: str, side: str, interval: Interval) -> tuple[Interval, Precision]:
    """The unit or weekday before or after an interval, or the one that holds it ("the week of 5 June")."""
    first, last = interval.start.toordinal(), shifted(interval.end, timedelta(microseconds=-1)).toordinal()
    if side == "of":
        return (interval, "day") if unit in ("day", "night", *WEEKDAYS) else _unit_around(unit, first, 0)
    back = side == "before"
    if unit in ("day", "night"):
        return days(first - 1 if back else last + 1), "day"
    if unit in WEEKDAYS:
        number = WEEKDAYS.index(unit)
        if back:
            return days(first - ((calendar.weekday(first) - number) % 7 or 7)), "day"
        return days(last + ((number - calendar.weekday(last)) % 7 or 7)), "day"
    if unit == "weekend":
        # A weekend that has not begun when the interval ends is "after" it in the same week.
        same_week = calendar.weekday(last) < 5 and not back
        return calendar.weekend(first if back else last, -1 if back else int(not same_week)), "weekend"
    return _unit_around(unit, first if back else last, -1 if back else 1)


def _nth(which: str, part: str, interval: Interval) -> tuple[Interval, Precision]:
    """The second week (days 8 to 14), weekend or Tuesday of an interval; the last one counts from its end."""
    first, end = interval.start.toordinal(), interval.end.toordinal()
    length, precision = (7, "week") if part == "week" else (2, "weekend") if part == "weekend" else (1, "day")
    if part != "week":
        number = 5 if part == "weekend" else WEEKDAYS.index(part)
        first += (number - calendar.weekday(first)) % 7
        end -= (calendar.weekday(end) - number) % 7 or 7
    last = end - 7 if part == "week" else end
    start = last if which == "last" else first + 7 * ("first", "second", "third", "fourth").index(which)
    return days(start, length), cast(Precision, precision)


def _unit_around(unit: str, day: int, offset: int) -> tuple[Interval, Precision]:
    at = calendar.day_start(day)
    interval, _, precision = pointed_unit(Said(at, day, future=False), unit, offset)
    return interval, precision
