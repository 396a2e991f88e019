"""The dashboard: the store in a browser, rendered on the server; ``router`` is what the application includes."""

from __future__ import annotations

from mnemic.serve.dashboard.routing import router

__all__ = ["router"]
