"""Who speaks MCP: the owner of the process or the holder of a key on stdio, the sender of headers on HTTP."""

from __future__ import annotations

from typing import Any

from mnemic.core.acting import Acting
from mnemic.guarded import GuardedMemory
from mnemic.memory import Memory
from mnemic.serve.mcp.desk import Door


def process_door(memory: Memory, key: str = "") -> Door:
    """The door of a process of one's own; with a key that of the key's holder."""
    guarded = memory.acting(Acting())

    def door(context: Any) -> GuardedMemory:
        return guarded

    return door
