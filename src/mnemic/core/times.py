"""Time as the vocabulary sees it: aware UTC instants and half-open intervals."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from mnemic.core.errors import BadInput

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


def instant(value: datetime | str | int | float, field: str = "at") -> datetime:
    """Turn an ISO 8601 string, a POSIX timestamp in seconds or a datetime into an aware UTC instant.

    Naive values are taken as UTC. Raises BadInput, naming ``field``, when the value is no time.

    >>> instant("2026-06-02").isoformat()
    '2026-06-02T00:00:00+00:00'
    >>> instant("2026-06-02T10:00:00+02:00").isoformat()
    '2026-06-02T08:00:00+00:00'
    """
    try:
        if isinstance(value, bool):
            raise TypeError("a truth value is not a time")
        if isinstance(value, (int, float)):
            return _EPOCH + timedelta(seconds=value)
        when = datetime.fromisoformat(value.strip()) if isinstance(value, str) else value
        if when.tzinfo is UTC:
            return when
        return when.replace(tzinfo=UTC) if when.tzinfo is None else when.astimezone(UTC)
    except (ValueError, OverflowError, TypeError, AttributeError) as error:
        raise BadInput(
            f"{field}: {value!r} is not a time ({error}); give ISO 8601 such as 2026-06-02T14:30:00+00:00, "
            "years 1 to 9999"
        ) from None


def to_micros(when: datetime) -> int:
    """Microseconds since 1970-01-01 UTC: the form in which stores index instants.

    >>> to_micros(instant("1970-01-01T00:00:01"))
    1000000
    """
    return (when - _EPOCH) // _MICROSECOND


def from_micros(micros: int) -> datetime:
    """The instant of a count of microseconds; the inverse of :func:`to_micros`.

    >>> from_micros(1_000_000).isoformat()
    '1970-01-01T00:00:01+00:00'
    """
    return _EPOCH + timedelta(microseconds=micros)


@dataclass(frozen=True, slots=True, order=True)
class Interval:
    """A half-open stretch of time ``[start, end)``, both aware UTC instants.

    >>> may = Interval(instant("2026-05-01"), instant("2026-06-01"))
    >>> may.overlaps(Interval(instant("2026-05-31"), instant("2026-07-01")))
    True
    >>> may.contains(instant("2026-06-01"))
    False
    """

    start: datetime
    end: datetime

    def __post_init__(self) -> None:
        if self.end < self.start:
            raise BadInput(f"interval: end {self.end.isoformat()} is before start {self.start.isoformat()}")

    def overlaps(self, other: Interval) -> bool:
        """Whether the two stretches share an instant (a point interval counts as its start)."""
        if self.start == self.end:
            return other.contains(self.start)
        if other.start == other.end:
            return self.contains(other.start)
        return self.start < other.end and other.start < self.end

    def contains(self, when: datetime) -> bool:
        """Whether ``when`` lies in the stretch."""
        return self.start <= when < self.end or self.start == self.end == when

    def to_json(self) -> list[str]:
        """Two ISO 8601 strings."""
        return [self.start.isoformat(), self.end.isoformat()]

    @classmethod
    def from_json(cls, data: list[str]) -> Interval:
        """The inverse of :meth:`to_json`."""
        return cls(instant(data[0]), instant(data[1]))


@dataclass(frozen=True, slots=True, kw_only=True)
class Times:
    """The bi-temporal stamp of a record or edge.

    ``event`` is when it happened in the world, ``valid`` while it holds true in the world,
    ``recorded_at`` when the bank learnt it and ``superseded_at`` when the bank stopped believing it.
    """

    event: Interval | None = None
    valid: Interval | None = None
    recorded_at: datetime | None = None
    superseded_at: datetime | None = None

    def to_json(self) -> dict[str, object]:
        """A JSON object without the stamps that are not set."""
        out: dict[str, object] = {}
        if self.event:
            out["event"] = self.event.to_json()
        if self.valid:
            out["valid"] = self.valid.to_json()
        if self.recorded_at:
            out["recorded_at"] = self.recorded_at.isoformat()
        if self.superseded_at:
            out["superseded_at"] = self.superseded_at.isoformat()
        return out

    @classmethod
    def from_json(cls, data: dict[str, object]) -> Times:
        """The inverse of :meth:`to_json`."""
        event, valid = data.get("event"), data.get("valid")
        recorded, superseded = data.get("recorded_at"), data.get("superseded_at")
        return cls(
            event=Interval.from_json(event) if isinstance(event, list) else None,
            valid=Interval.from_json(valid) if isinstance(valid, list) else None,
            recorded_at=instant(recorded) if isinstance(recorded, str) else None,
            superseded_at=instant(superseded) if isinstance(superseded, str) else None,
        )


#: The stamp of something whose times are not known.
UNTIMED = Times()
