"""Tuning: makes what a large bank is searched faster by, where its store has such a thing."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from mnemic.jobs.kinds import Work, kind

if TYPE_CHECKING:
    from mnemic.guarded import GuardedMemory
    from mnemic.memory import Memory


@kind("tune", "tune")
def tune(memory: Memory | GuardedMemory, work: Work) -> Mapping[str, Any]:
    """Tune the bank; when another process is at it, or nothing is to be made, it is done as well."""
    return {"tuned": memory.tune(work.bank)}
