"""Triggers: when a rule of evolution is due. A rule without one runs on every segment that is taken in."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import ClassVar

from mnemic.core.stage import Progress, Trigger


@dataclass(frozen=True)
class EveryEvents(Trigger):
    """After every ``n`` events.

    >>> EveryEvents(10).due(Progress(events=9)), EveryEvents(10).due(Progress(events=10))
    (False, True)
    """

    name: ClassVar[str] = "every_events"
    n: int = 1

    @property
    def each(self) -> str:
        """What it waits for."""
        return "turn" if self.n == 1 else f"{self.n} turns"

    def due(self, progress: Progress) -> bool:
        """Whether so many events came since the last run."""
        return progress.events >= self.n


@dataclass(frozen=True)
class OnTokens(Trigger):
    """After every ``n`` tokens of events.

    >>> OnTokens(4000).due(Progress(tokens=4100))
    True
    """

    name: ClassVar[str] = "on_tokens"
    n: int = 4000

    @property
    def each(self) -> str:
        """What it waits for."""
        return f"{self.n} tokens"

    def due(self, progress: Progress) -> bool:
        """Whether so many tokens came since the last run."""
        return progress.tokens >= self.n


@dataclass(frozen=True)
class OnSessionEnd(Trigger):
    """When ``n`` sessions have ended.

    >>> OnSessionEnd().due(Progress(sessions_ended=1))
    True
    """

    name: ClassVar[str] = "on_session_end"
    n: int = 1

    @property
    def each(self) -> str:
        """What it waits for."""
        return "session" if self.n == 1 else f"{self.n} sessions"

    def due(self, progress: Progress) -> bool:
        """Whether so many sessions ended since the last run."""
        return progress.sessions_ended >= self.n


@dataclass(frozen=True)
class OnIdle(Trigger):
    """When nothing else is going on: at every ``consolidate``.

    >>> OnIdle().due(Progress(idle=True))
    True
    """

    name: ClassVar[str] = "on_idle"

    @property
    def each(self) -> str:
        """What it waits for."""
        return "idle time"

    def due(self, progress: Progress) -> bool:
        """Whether the agent is idle."""
        return progress.idle


@dataclass(frozen=True)
class OnFeedback(Trigger):
    """After every ``n`` pieces of feedback.

    >>> OnFeedback(3).due(Progress(feedbacks=2))
    False
    """

    name: ClassVar[str] = "on_feedback"
    n: int = 1

    @property
    def each(self) -> str:
        """What it waits for."""
        return "feedback" if self.n == 1 else f"{self.n} feedbacks"

    def due(self, progress: Progress) -> bool:
        """Whether so much feedback came since the last run."""
        return progress.feedbacks >= self.n


@dataclass(frozen=True)
class OnTaskEnd(Trigger):
    """After every ``n`` tasks that ended with a reward.

    >>> OnTaskEnd(10).due(Progress(tasks_ended=10))
    True
    """

    name: ClassVar[str] = "on_task_end"
    n: int = 1

    @property
    def each(self) -> str:
        """What it waits for."""
        return "task" if self.n == 1 else f"{self.n} tasks"

    def due(self, progress: Progress) -> bool:
        """Whether so many tasks ended since the last run."""
        return progress.tasks_ended >= self.n


@dataclass(frozen=True)
class OnDue(Trigger):
    """``hours`` after the last run, and at once when there was none.

    >>> from mnemic.core.times import instant
    >>> OnDue(24).due(Progress(last_run=instant("2026-06-01"), now=instant("2026-06-01T12:00")))
    False
    """

    name: ClassVar[str] = "on_due"
    hours: float = 24.0

    @property
    def each(self) -> str:
        """What it waits for."""
        return f"{self.hours:g} hours"

    def due(self, progress: Progress) -> bool:
        """Whether the time has come."""
        if progress.now is None or progress.last_run is None:
            return True
        return progress.now - progress.last_run >= timedelta(hours=self.hours)
