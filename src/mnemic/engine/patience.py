"""Patience with a language model that fails: who waits for it, and when it is asked again.

    pause after the n-th failure in a row = 30 s * 2^(n-1), at most 1 h, at least what the endpoint asks for

A model that is down is down for all banks of a store; a budget that is used up is one bank's, until the next day of
the injected clock; what a single rule cannot be answered waits alone.
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
    >>> patience.failed("anna", ModelFailure("it is down"), noon)
    >>> patience.reason("ben", noon + timedelta(seconds=29)), patience.reason("ben", noon + timedelta(seconds=30))
    ('it is down', '')
    """

    _failed: dict[str, _Failed] = field(default_factory=dict)
    #: Sessions that wait, by bank; whether each was over when it failed.
    owed: dict[str, dict[str, bool]] = field(default_factory=dict)

    def __bool__(self) -> bool:
        return bool(self._failed)

    def reason(self, bank: str, now: datetime, rule: str = "") -> str:
        """Why this bank, or this rule of it, is not to ask yet; empty when it may."""
        for whom in (_EVERYONE, bank, f"{bank}\n{rule}"):
            failed = self._failed.get(whom)
            if failed is not None and now < failed.until:
                return failed.reason
        return ""

    def failed(self, bank: str, error: ModelFailure, now: datetime, rule: str = "") -> None:
        """Note a failure, of a rule or of forming a segment; what lasts concerns nobody else."""
        if error.lasting:
            if rule:
                self._note(f"{bank}\n{rule}", error, now)
        elif isinstance(error, OutOfBudget):
            midnight = now.replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=1)
            self._failed[bank] = _Failed(1, midnight, str(error))
        else:
            self._note(_EVERYONE, error, now)

    def _note(self, whom: str, error: ModelFailure, now: datetime) -> None:
        times = self._failed[whom].times + 1 if whom in self._failed else 1
        pause = min(FIRST_PAUSE * 2 ** min(times - 1, 20), LONGEST_PAUSE)
        asked_for = timedelta(seconds=min(error.retry_after or 0.0, 86_400.0))
        self._failed[whom] = _Failed(times, now + max(pause, asked_for), str(error))

    def worked(self, bank: str, rule: str = "") -> None:
        """Note that the model answered."""
        for whom in (_EVERYONE, bank, f"{bank}\n{rule}"):
            self._failed.pop(whom, None)
