"""Re-embedding: moves a bank's vectors to the embedder that the worker is configured with."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from mnemic.jobs.kinds import Work, kind

if TYPE_CHECKING:
    from mnemic.guarded import GuardedMemory
    from mnemic.memory import Memory


@kind("reembed", "reembed")
def reembed(memory: Memory | GuardedMemory, work: Work) -> Mapping[str, Any]:
    """Give every text of a bank a vector of the configured embedder."""
    done = memory.reembed(work.bank, on_progress=work.on_progress)
    return {"embedder": done.embedder, "embedded": done.embedded, "already": done.already}
