"""Where stretches of time lie on a common line: places from 0 to 1000, ticks at round dates."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from mnemic.core.record import Record

WIDTH = 1000
#: Ticks lie this far apart at least, so that their words do not touch.
_MOST_TICKS = 6
_STEPS = (
    timedelta(minutes=1), timedelta(minutes=15), timedelta(hours=1), timedelta(hours=6), timedelta(days=1),
    timedelta(days=7), timedelta(days=30), timedelta(days=91), timedelta(days=365), timedelta(days=3652),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Line:
    """A record on the line: where it happened, and from where to where it held; ``open`` has no end yet."""

    record: Record
    at: float | None
    start: float | None
    end: float | None
    open: bool
    words: str


@dataclass(frozen=True, slots=True)
class Scale:
    """A stretch of time laid over the places 0 to 1000."""

    low: datetime
    high: datetime

    def place(self, when: datetime) -> float:
        """Where an instant lies, cut off at both ends."""
        share = (when - self.low) / max(self.high - self.low, timedelta(seconds=1))
        return round(WIDTH * min(1.0, max(0.0, share)), 1)

    def ticks(self) -> list[tuple[float, str]]:
        """Round dates with their places.

        >>> day = datetime(2026, 6, 2, tzinfo=UTC)
        >>> Scale(day, day + timedelta(days=3)).ticks()[1]
        (333.3, '2026-06-03')
        """
        span = self.high - self.low
        step = next((step for step in _STEPS if span / step <= _MOST_TICKS), span / _MOST_TICKS)
        form = "%Y-%m-%d" if step >= timedelta(days=1) else "%m-%d %H:%M"
        epoch = datetime(1970, 1, 1, tzinfo=UTC)
        when = epoch + -((epoch - self.low) // step) * step
        if when < self.low:
            when += step
        out: list[tuple[float, str]] = []
        while when <= self.high and len(out) <= _MOST_TICKS:
            out.append((self.place(when), f"{when:{form}}"))
            when += step
        return out


def scale_of(records: Sequence[Record], low: datetime | None = None, high: datetime | None = None) -> Scale | None:
    """A scale on which all of the records lie, or the given stretch; None where nothing has a time."""
    starts = [span.start for record in records for span in (record.times.event, record.times.valid) if span]
    ends = [span.end for record in records for span in (record.times.event, record.times.valid) if span]
    ends = [end for end in ends if end.year < 9000]
    if not starts:
        return None
    first, last = low or min(starts), high or max([*starts, *ends])
    room = max((last - first) / 40, timedelta(minutes=1))
    try:
        return Scale(first - (timedelta() if low else room), last + room)
    except OverflowError:
        return Scale(first, last)


def lines_of(records: Sequence[Record], scale: Scale) -> list[Line]:
    """The records on a scale."""
    out = []
    for record in records:
        event, valid = record.times.event, record.times.valid
        at = scale.place(event.start) if event else None
        if valid is None:
            out.append(Line(record, at, None, None, open=False, words=""))
            continue
        endless = valid.end.year >= 9000
        words = f"held from {valid.start:%Y-%m-%d} " + ("on" if endless else f"to {valid.end:%Y-%m-%d}")
        end = float(WIDTH) if endless else scale.place(valid.end)
        out.append(Line(record, at, scale.place(valid.start), end, endless, words))
    return out
