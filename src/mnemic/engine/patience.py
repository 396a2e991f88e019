"""Patience with a language model that fails: who waits for it, and when it is asked again.

    pause after the n-th failure in a row = 30 s * 2^(n-1), at most 1 h, at least what the endpoint asks for

A model that is down is down for all banks of a store; what a single rule cannot be answered waits alone; a budget that
is used up costs nothing to ask for again.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from mnemic.core.errors import ModelFailure, OutOfBudget

FIRST_PAUSE = timedelta(seconds=30)
LONGEST_PAUSE = timedelta(hours=1)
_EVERYONE = ""


@dataclass(frozen=True, slots=True)
class _Failed:
    times: int
    until: datetime
    reason: str


@dataclass(slots=True)
class Patience:
    """Failures by whom they concern, and the sessions of each bank that wait because of one.

    >>> from datetime import UTC
    >>> noon, patience = datetime(2026, 6, 2, 12, tzinfo=UTC), Patience()
    >>> patience.failed(ModelFailure("it is down"), noon)
    >>> patience.reason(noon + timedelta(seconds=29)), patience.reason(noon + timedelta(seconds=30))
    ('it is down', '')
    """

    _failed: dict[str, _Failed] = field(default_factory=dict)
    #: Sessions that wait, by bank; whether each was over when it failed.
    owed: dict[str, dict[str, bool]] = field(default_factory=dict)

    def __bool__(self) -> bool:
        return bool(self._failed)

    def reason(self, now: datetime, rule: str = "") -> str:
        """Why the model, or the model for this rule, is not to be asked yet; empty when it may be."""
        for whom in (_EVERYONE, rule):
            failed = self._failed.get(whom)
            if failed is not None and now < failed.until:
                return failed.reason
        return ""

    def failed(self, error: ModelFailure, now: datetime, rule: str = "") -> None:
        """Note a failure; one that lasts concerns its rule alone, if it was one's."""
        if isinstance(error, OutOfBudget) or (error.lasting and not rule):
            return
        whom = rule if error.lasting else _EVERYONE
        times = self._failed[whom].times + 1 if whom in self._failed else 1
        pause = min(FIRST_PAUSE * 2 ** min(times - 1, 20), LONGEST_PAUSE)
        asked_for = timedelta(seconds=min(error.retry_after or 0.0, 86_400.0))
        self._failed[whom] = _Failed(times, now + max(pause, asked_for), str(error))

    def worked(self, rule: str = "") -> None:
        """Note that the model answered."""
        for whom in (_EVERYONE, rule):
            self._failed.pop(whom, None)
