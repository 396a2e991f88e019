"""Calendar units as half-open UTC intervals; years 1 to 9999, cut off at the ends instead of failing.

Days are proleptic Gregorian ordinals (1 = 0001-01-01, a Monday), months are ``year * 12 + month - 1``.
Weeks start on Monday (ISO 8601); seasons are the northern meteorological ones.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta

from mnemic.core.times import Interval

FIRST = datetime.min.replace(tzinfo=UTC)
LAST = datetime.max.replace(tzinfo=UTC)
_LAST_DAY = date.max.toordinal()
SEASONS = {"spring": 3, "summer": 6, "fall": 9, "autumn": 9, "winter": 12}


def day_start(ordinal: int) -> datetime:
    """Midnight at which a day begins; before year 1 and after 9999 the end of the calendar.

    >>> day_start(date(2023, 5, 8).toordinal()).isoformat(), day_start(-7) == FIRST
    ('2023-05-08T00:00:00+00:00', True)
    """
    if ordinal < 1:
        return FIRST
    if ordinal > _LAST_DAY:
        return LAST
    return datetime.combine(date.fromordinal(ordinal), time(), UTC)


def days(ordinal: int, count: int = 1) -> Interval:
    """``count`` whole days from a day on."""
    return Interval(day_start(ordinal), day_start(ordinal + count))


def weekday(ordinal: int) -> int:
    """0 for Monday to 6 for Sunday."""
    return (ordinal - 1) % 7


def week(ordinal: int, offset: int = 0) -> Interval:
    """The Monday week of a day, or the one ``offset`` weeks later."""
    return days(ordinal - weekday(ordinal) + 7 * offset, 7)


def weekend(ordinal: int, offset: int = 0) -> Interval:
    """Saturday and Sunday of a day's Monday week, or of the one ``offset`` weeks later."""
    return days(ordinal - weekday(ordinal) + 5 + 7 * offset, 2)


def month_of(ordinal: int) -> int:
    """The month count of a day."""
    day = date.fromordinal(min(max(ordinal, 1), _LAST_DAY))
    return day.year * 12 + day.month - 1


def month_start(index: int) -> datetime:
    """Midnight at which a month begins, cut off at the ends of the calendar."""
    year, month = divmod(index, 12)
    if year < 1:
        return FIRST
    return datetime(year, month + 1, 1, tzinfo=UTC) if year <= 9999 else LAST


def months(index: int, count: int = 1) -> Interval:
    """``count`` whole months from a month on.

    >>> [end.isoformat()[:10] for end in (months(2023 * 12 + 4).start, months(2023 * 12 + 4).end)]
    ['2023-05-01', '2023-06-01']
    """
    return Interval(month_start(index), month_start(index + count))


def season(name: str, year: int) -> Interval:
    """A season that begins in ``year``; winter runs over the turn of the year.

    >>> [end.isoformat()[:10] for end in (season("winter", 2022).start, season("winter", 2022).end)]
    ['2022-12-01', '2023-03-01']
    """
    return months(year * 12 + SEASONS[name] - 1, 3)


def same_day(year: int, month: int, day: int) -> int | None:
    """The ordinal of a date, or None when the calendar has no such date.

    >>> same_day(2023, 2, 30) is None
    True
    """
    try:
        return date(year, month, day).toordinal()
    except (ValueError, OverflowError):
        return None


def add_months(ordinal: int, count: int) -> int:
    """The day ``count`` months later, the last of the month when it has no such day.

    >>> date.fromordinal(add_months(date(2023, 1, 31).toordinal(), 1)).isoformat()
    '2023-02-28'
    """
    day = date.fromordinal(min(max(ordinal, 1), _LAST_DAY))
    index = month_of(ordinal) + count
    year, month = divmod(index, 12)
    if year < 1:
        return 1
    if year > 9999:
        return _LAST_DAY
    last = (month_start(index + 1) - month_start(index) + timedelta(seconds=1)).days
    return date(year, month + 1, min(day.day, last)).toordinal()


def easter(year: int) -> int:
    """Easter Sunday. Source: the anonymous Gregorian algorithm, Nature 13, 1876, p. 487.

    >>> date.fromordinal(easter(2023)).isoformat()
    '2023-04-09'
    """
    century, rest = divmod(year, 100)
    golden = year % 19
    lilian = (19 * golden + century - century // 4 - (century - (century + 8) // 25 + 1) // 3 + 15) % 30
    sunday = (32 + 2 * (century % 4) + 2 * (rest // 4) - lilian - rest % 4) % 7
    shift = (golden + 11 * lilian + 22 * sunday) // 451
    month, day = divmod(lilian + sunday - 7 * shift + 114, 31)
    return date(year, month, day + 1).toordinal()


def thanksgiving(year: int) -> int:
    """The fourth Thursday of November."""
    first = date(year, 11, 1).toordinal()
    return first + (3 - weekday(first)) % 7 + 21
