"""Forming: makes of the events that wait in a bank what its recipe makes of them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from mnemic.jobs.kinds import NotYet, Work, kind

if TYPE_CHECKING:
    from mnemic.guarded import GuardedMemory
    from mnemic.memory import Memory


@kind("form", "form", close=bool)
def form(memory: Memory | GuardedMemory, work: Work) -> Mapping[str, Any]:
    """Form what waits; with ``close`` as if every session were over."""
    written = memory.bank(work.bank, create=False).form(
        close=bool(work.options.get("close")), on_progress=work.on_progress
    )
    if written.pending_reason:
        raise NotYet(written.pending_reason)
    return {"records": len(written.records), "ops": written.ops, "calls": written.calls}
