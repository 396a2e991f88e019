"""Who speaks MCP on standard input: the owner of the process, or the holder of a key of the store."""

from __future__ import annotations

from typing import Any

from mnemic.core.acting import LOCAL, Acting
from mnemic.guarded import GuardedMemory
from mnemic.memory import Memory
from mnemic.serve.mcp.desk import Door


def process_door(memory: Memory, key: str = "") -> Door:
    """The door of a process of one's own, or with a key that of its holder; raises Unauthenticated for no such key."""

    def principal() -> str:
        # Looked up at each request: a key that was taken away or has expired opens nothing any more.
        return memory.access.holder(key).principal if key else LOCAL

    principal()

    def door(_: Any) -> GuardedMemory:
        return memory.acting(Acting(principal=principal()))

    return door
