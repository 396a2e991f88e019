"""Answers as JSON, written by pydantic's serialiser: what FastAPI would check once more is our own data."""

from __future__ import annotations

from typing import Any

from pydantic_core import to_json
from starlette.responses import Response


class Reply(Response):
    """A JSON answer.

    >>> Reply({"n": 1, "at": None}).body
    b'{"n":1,"at":null}'
    """

    media_type = "application/json"

    def render(self, content: Any) -> bytes:
        """The bytes of the body; what is no number in JSON becomes null."""
        return to_json(content, inf_nan_mode="null")
