"""Times as files write them: ISO 8601 with or without an offset, POSIX seconds, and dates in headings."""

from __future__ import annotations

import re
from datetime import datetime, tzinfo

from mnemic.core.errors import BadInput
from mnemic.core.times import instant
from mnemic.ingest.message import shown

_MONTHS = {
    name: number
    for number, name in enumerate(
        ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"), start=1
    )
}
_MONTH = r"(jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]{0,6}\.?"
_ISO = re.compile(r"(?<!\d)(\d{4}-\d{2}-\d{2})(?:[T ](\d{2}:\d{2}(?::\d{2})?))?(?!\d)")
_DAY_MONTH = re.compile(rf"(?<!\d)(\d{{1,2}})(?:st|nd|rd|th)? (?:of )?{_MONTH},? (\d{{4}})(?!\d)", re.IGNORECASE)
_MONTH_DAY = re.compile(rf"\b{_MONTH} (\d{{1,2}})(?:st|nd|rd|th)?,? (\d{{4}})(?!\d)", re.IGNORECASE)
_LONGEST_TIME = 64
# A string of digits is a count of seconds or milliseconds; some would pass as an ISO date with a time.
_COUNT = re.compile(r"\d{9,}")


def moment(value: object, timezone: tzinfo, field: str) -> datetime:
    """The UTC instant of a datetime, ISO 8601 string or POSIX seconds; without an offset in ``timezone``.

    Raises BadInput, naming ``field``, for anything else and outside the years 1 to 9999.

    >>> from datetime import UTC
    >>> moment("2026-05-01 10:00", UTC, "at").isoformat()
    '2026-05-01T10:00:00+00:00'
    >>> moment("0000-01-01", UTC, "at")
    Traceback (most recent call last):
    mnemic.core.errors.BadInput: at: '0000-01-01' is not a time; give ISO 8601 such as 2026-06-02T14...
    """
    try:
        if isinstance(value, str) and len(value) <= _LONGEST_TIME and not _COUNT.fullmatch(value.strip()):
            value = datetime.fromisoformat(value.strip())
        if isinstance(value, datetime):
            return instant(value.replace(tzinfo=timezone) if value.tzinfo is None else value, field)
        if isinstance(value, (int, float)) and not isinstance(value, bool):
            return instant(value, field)
    except (ValueError, OverflowError, BadInput):
        pass
    raise BadInput(
        f"{field}: {shown(value)} is not a time; give ISO 8601 such as 2026-06-02T14:30:00+00:00 "
        "or seconds since 1970, years 1 to 9999"
    ) from None


def date_in(text: str, timezone: tzinfo) -> datetime | None:
    """The first date that a heading names, or None; raises BadInput for one that no calendar has.

    Reads ``2026-05-01``, ``2026-05-01 10:00``, ``1 May 2026`` and ``May 1st, 2026``.

    >>> from datetime import UTC
    >>> date_in("Moving day, 4 October 2025", UTC).isoformat()
    '2025-10-04T00:00:00+00:00'
    >>> date_in("Notes", UTC)
    """
    if found := _ISO.search(text):
        return moment(" ".join(group for group in found.groups() if group), timezone, "date in heading")
    if found := _DAY_MONTH.search(text):
        day, month, year = found.groups()
    elif found := _MONTH_DAY.search(text):
        month, day, year = found.groups()
    else:
        return None
    return moment(f"{year}-{_MONTHS[month.lower()[:3]]:02d}-{int(day):02d}", timezone, "date in heading")
