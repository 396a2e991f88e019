"""What a store keeps beside the log: small notes of governance, and jobs that wait for a worker."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

#: The bank of what belongs to the store as a whole: keys, grants to all banks, jobs of no bank.
WHOLE_STORE = ""

JobState = Literal["waiting", "running", "done", "failed"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Note:
    """A small document kept beside the log: a hashed key, a grant, a policy, a sealed secret, a receipt of erasure.

    ``bank`` is a bank's name or :data:`WHOLE_STORE`; ``(bank, kind, id)`` names a note.
    """

    bank: str
    kind: str
    id: str
    at: datetime
    body: Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """Work that waits for a worker: ``kind`` with its ``body``, not before ``due``.

    Of one bank only one job runs at a time. A worker holds it until ``until``, and renews that while it works: a job
    whose worker is gone is taken up by another. ``result`` is what came of it, or why it failed.
    """

    id: str
    bank: str
    kind: str
    due: datetime
    body: Mapping[str, Any] = field(default_factory=dict)
    state: JobState = "waiting"
    tries: int = 0
    worker: str = ""
    until: datetime | None = None
    result: Mapping[str, Any] = field(default_factory=dict)
