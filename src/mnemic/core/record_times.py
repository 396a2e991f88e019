"""When a record is: the instant it is dated with, and every stretch of time that it is about."""

from __future__ import annotations

from datetime import datetime

from mnemic.core.record import Record
from mnemic.core.times import Interval, instant


def when_of(record: Record) -> datetime | None:
    """When a record's event began, else when the bank learnt of it."""
    return record.times.event.start if record.times.event else record.times.recorded_at


def idle_days(record: Record, now: datetime) -> float:
    """Days since a record was last used, else since its event ended; 0 for the future and when nothing is known.

    >>> from mnemic.core.record import Stats
    >>> used = Stats(last_used=instant("2026-01-01"))
    >>> idle_days(Record(id="r1", kind="note", value="", stats=used), instant("2026-01-03"))
    2.0
    """
    since = record.stats.last_used or (record.times.event.end if record.times.event else when_of(record))
    return max((now - since).total_seconds() / 86_400, 0.0) if since else 0.0


def intervals_of(record: Record) -> list[Interval]:
    """A record's event, its validity, and the times that it mentions (``fields["times"]``).

    >>> mentioned = {"times": [{"start": "2025-05-01", "end": "2025-06-01"}]}
    >>> [span.to_json()[0][:7] for span in intervals_of(Record(id="r1", kind="note", value="", fields=mentioned))]
    ['2025-05']
    """
    mentioned = [Interval(instant(m["start"]), instant(m["end"])) for m in record.fields.get("times", ())]
    return [span for span in (record.times.event, record.times.valid, *mentioned) if span is not None]
