"""The dashboard: the store in a browser, rendered on the server; ``mount`` puts it into the application."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mnemic.serve.dashboard.routing import router

if TYPE_CHECKING:
    from fastapi import FastAPI

    from mnemic.memory import Memory

__all__ = ["mount", "router"]


def mount(app: FastAPI, _: Memory) -> None:
    """Put the dashboard's pages below ``/ui``."""
    app.include_router(router)
