"""A message as an importer understood it, before it is checked and becomes an event.

Every format is read into this one shape, so that limits, ids, times and duplicates are settled once.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

from mnemic.core.evidence import Part

Format = Literal[
    "jsonl", "openai", "chatgpt", "claude", "mem0", "letta", "graphiti", "mcp-memory", "markdown", "text"
]  # fmt: skip
FORMATS: tuple[Format, ...] = (
    "jsonl", "openai", "chatgpt", "claude", "mem0", "letta", "graphiti", "mcp-memory", "markdown", "text",
)  # fmt: skip

MAX_MESSAGE_BYTES = 1 << 20
"""The most text one message may hold: 1 MiB of UTF-8."""

UNITS: Mapping[Format, str] = {
    "jsonl": "line",
    "openai": "message",
    "chatgpt": "conversation",
    "claude": "conversation",
    "mem0": "memory",
    "letta": "item",
    "graphiti": "item",
    "mcp-memory": "line",
    "markdown": "line",
    "text": "line",
}
"""What a position in a file of each format counts."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """One message of a file.

    ``number`` is the position that is reported when the message is bad (1-based, in the format's unit);
    ``order`` its place among the messages of the file or conversation, bad ones included, of which an id is
    made when the source gives none; no parts: nothing in it to keep.

    >>> Message(number=3, order=2, role="user", parts=(Part("text", "Hello"),)).text
    'Hello'
    """

    number: int
    order: int
    role: str
    parts: tuple[Part, ...]
    actor: str = ""
    session: str = ""
    id: str = ""
    at: datetime | None = None
    meta: Mapping[str, Any] = field(default_factory=dict)

    @property
    def text(self) -> str:
        """The texts of all parts, captions included."""
        return "\n".join(part.text for part in self.parts if part.text)


def shown(value: object) -> str:
    """A value as an error message shows it: at most 60 characters, nothing unprintable.

    >>> shown("x" * 100)
    "'xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx..."
    """
    if isinstance(value, (list, dict)):
        return f"a list of {len(value)}" if isinstance(value, list) else f"an object of {len(value)} fields"
    text = ascii(value[:80]) if isinstance(value, str) else ascii(value)
    return text if len(text) <= 60 else text[:57] + "..."
