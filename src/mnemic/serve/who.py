"""Who sends a request, and the memory as he may use it."""

from __future__ import annotations

from fastapi import Request

from mnemic.core.acting import Acting
from mnemic.guarded import GuardedMemory


def guarded(request: Request) -> GuardedMemory:
    """A dependency: the memory behind the doors that the sender of a request may pass."""
    memory: GuardedMemory = request.app.state.memory.acting(Acting())
    return memory
