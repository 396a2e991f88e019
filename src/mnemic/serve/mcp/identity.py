"""Who speaks MCP: the owner of the process or the holder of a key on stdio, the sender of headers on HTTP."""

from __future__ import annotations

from typing import Any

from mnemic.core.acting import Acting
from mnemic.core.errors import Unauthenticated
from mnemic.guarded import GuardedMemory
from mnemic.memory import Memory
from mnemic.serve.mcp.desk import Door


def process_door(memory: Memory, key: str = "") -> Door:
    """The door of a process of one's own; raises Unauthenticated for a key that is none."""
    if key:
        raise Unauthenticated("MNEMIC_KEY: is no key of this store; leave it out to act as the owner of the process")
    guarded = memory.acting(Acting())

    def door(_: Any) -> GuardedMemory:
        return guarded

    return door
