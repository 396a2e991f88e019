"""Time and chance are arguments: clocks, seeded randomness and the ids made from both."""

from __future__ import annotations

import os
import random
import threading
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Protocol

from mnemic.core.times import to_micros


class Clock(Protocol):
    """Tells the time. Everything that needs "now" is given one."""

    def now(self) -> datetime:
        """The current instant, aware, in UTC."""
        ...


class SystemClock:
    """The machine's clock.

    >>> SystemClock().now().tzinfo is not None
    True
    """

    def now(self) -> datetime:
        """The current instant in UTC."""
        return datetime.now(UTC)


@dataclass
class ManualClock:
    """A clock that moves only when it is told to, or by ``step`` at each reading.

    >>> clock = ManualClock(datetime(2026, 1, 1, tzinfo=UTC), step=timedelta(seconds=1))
    >>> (clock.now().second, clock.now().second)
    (0, 1)
    """

    at: datetime
    step: timedelta = timedelta()

    def now(self) -> datetime:
        """The set instant; moves on by ``step``."""
        current = self.at
        self.at = current + self.step
        return current

    def advance(self, by: timedelta) -> None:
        """Move the clock on by ``by``."""
        self.at += by


@dataclass
class IdSource:
    """Makes UUIDv7 ids: 48 bits of milliseconds, then bits from a seeded generator.

    With a seed, the same clock gives the same ids (law 7); without one the bits come from the system.
    Source: RFC 9562, section 5.7.

    >>> ids = IdSource(seed=7)
    >>> now = datetime(2026, 1, 1, tzinfo=UTC)
    >>> ids.new(now) < ids.new(now + timedelta(seconds=1))
    True
    """

    seed: int | None = None
    _rng: random.Random = field(init=False, repr=False)
    _lock: threading.Lock = field(init=False, repr=False, default_factory=threading.Lock)
    _last: tuple[int, int] = field(init=False, repr=False, default=(0, 0))

    def __post_init__(self) -> None:
        self._rng = random.Random(self.seed if self.seed is not None else os.urandom(16))

    def new(self, now: datetime) -> str:
        """A fresh id that sorts after every id this source made at an earlier or the same millisecond."""
        millis = to_micros(now) // 1000 & (1 << 48) - 1
        with self._lock:
            last_millis, last_count = self._last
            # A counter in the 12 "rand_a" bits keeps ids of one millisecond in order of making.
            count = last_count + 1 if millis == last_millis else self._rng.getrandbits(8)
            self._last = (millis, count)
            tail = self._rng.getrandbits(62)
        if count > 0xFFF:
            tail = (count << 40 | tail & (1 << 40) - 1) & (1 << 62) - 1
            count = 0xFFF
        bits = millis << 80 | 0x7 << 76 | count << 64 | 0b10 << 62 | tail
        raw = f"{bits:032x}"
        return f"{raw[:8]}-{raw[8:12]}-{raw[12:16]}-{raw[16:20]}-{raw[20:]}"
