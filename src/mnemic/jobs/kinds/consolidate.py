"""Consolidating: says that every session is over, forms what waits, and runs the rules that are due."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from mnemic.jobs.kinds import NotYet, Work, kind

if TYPE_CHECKING:
    from mnemic.guarded import GuardedMemory
    from mnemic.memory import Memory


@kind("consolidate", "consolidate", retry=bool)
def consolidate(memory: Memory | GuardedMemory, work: Work) -> Mapping[str, Any]:
    """Run what is due; with ``retry`` also what was set aside."""
    written = memory.bank(work.bank, create=False).consolidate(retry=bool(work.options.get("retry")))
    if written.pending_reason:
        raise NotYet(written.pending_reason)
    return {"records": len(written.records), "ops": written.ops, "calls": written.calls}
