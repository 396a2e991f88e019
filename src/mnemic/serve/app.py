"""The web application: one memory behind HTTP, with the dashboard and MCP beside it."""

from __future__ import annotations

from fastapi import FastAPI

from mnemic.memory import Memory


def create_app(memory: Memory) -> FastAPI:
    """The application that serves a memory; closing the memory is the caller's business."""
    app = FastAPI(title="mnemic")
    app.state.memory = memory

    @app.get("/health")
    def health() -> dict[str, str]:
        """Whether the process answers."""
        return {"status": "ok"}

    from mnemic.serve.dashboard import router as dashboard

    app.include_router(dashboard)
    return app
