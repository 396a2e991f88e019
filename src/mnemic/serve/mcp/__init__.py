"""MCP: the banks of a memory as tools, resources and prompts for agents, over stdio and HTTP."""

from __future__ import annotations

from contextlib import AbstractAsyncContextManager
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from fastapi import FastAPI

    from mnemic.memory import Memory


def mount(app: FastAPI, memory: Memory) -> AbstractAsyncContextManager[Any]:
    """Serve MCP at ``/mcp`` of an application, to whoever its doors let in."""
    from mnemic.serve.mcp.http import mount_on

    return mount_on(app, memory)
