"""Events in and out: messages to retain, what a write did, events as they are kept."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import ConfigDict, Field

from mnemic.serve.schemas.base import Asked, Told

_MESSAGE: dict[str, Any] = {
    "role": "user",
    "actor": "Anna",
    "content": "We moved to Lisbon last May.",
    "at": "2026-06-02T09:00:00+00:00",
}
EVENT: dict[str, Any] = {
    "id": "e1", "session": "s1", "role": "user", "actor": "Anna", "seq": 1,
    "parts": [{"kind": "text", "text": "We moved to Lisbon last May."}],
    "occurred_at": "2026-06-02T09:00:00+00:00", "recorded_at": "2026-06-02T09:00:01+00:00",
}  # fmt: skip
_WRITTEN: dict[str, Any] = {
    "added": ["e1"], "skipped": 0, "records": ["0197f3c2-0000-7000-8000-000000000001"], "ops": 2, "calls": 0,
    "pending": 0, "pending_reason": "", "quarantined": [], "sealed": 0, "unsealed": 0,
}  # fmt: skip
When = Annotated[
    str | int | float | None,
    Field(description="When it happened: ISO 8601, or POSIX seconds.", examples=["2026-06-02T09:00:00+00:00"]),
]


class PartIn(Asked):
    """A piece of a message: text, or something else with a text that stands for it."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"kind": "image", "uri": "photo.png", "text": "A view of the river."}]}
    )

    kind: Literal["text", "image", "file", "tool_call", "tool_result", "screen"] = "text"
    text: str = ""
    uri: str = Field("", description="Where the bytes are; never fetched.")
    meta: dict[str, Any] = Field(default_factory=dict)


class Message(Asked):
    """Something that was said, shown or done. One whose ``id`` is known already is skipped."""

    model_config = ConfigDict(json_schema_extra={"examples": [_MESSAGE]})

    id: str | None = Field(None, description="Id of the event; made when there is none.")
    session: str | None = None
    role: str | None = Field(None, description="user, assistant, system, tool...", examples=["user"])
    actor: str | None = Field(None, description="Name of who spoke.")
    name: str | None = Field(None, description="The same as actor.")
    content: str | None = Field(None, description="The words; give either these or parts.")
    parts: list[PartIn] | None = None
    at: When = None
    timestamp: When = None
    occurred_at: When = None
    meta: dict[str, Any] | None = None
    labels: list[str] | None = Field(None, max_length=1000, description="What it is about.", examples=[["health"]])


class Retain(Asked):
    """What to retain."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"messages": [_MESSAGE], "session": "s1"}]})

    messages: str | Message | list[str | Message] = Field(description="Text, a message, or many.")
    session: str | None = Field(None, description="Session of messages that do not say their own.")
    at: When = None
    close: bool = Field(False, description="Whether the sessions are over.")
    form: Literal["now", "later"] = Field("now", description="later: a worker forms what is retained.")


class WrittenOut(Told):
    """What a write did. ``pending`` events are safe in evidence and wait to be formed."""

    model_config = ConfigDict(json_schema_extra={"examples": [_WRITTEN]})

    added: list[str]
    skipped: int
    records: list[str]
    ops: int
    calls: int
    pending: int
    pending_reason: str
    quarantined: list[str] = Field(description="Events that are kept back until somebody decides.")
    sealed: int = Field(description="Secrets that went to the vault.")
    unsealed: int = Field(description="Secrets that stand in the text, since there is no vault key.")


class StreamedIn(WrittenOut):
    """What the writes of a stream did, and how many messages were read."""

    model_config = ConfigDict(json_schema_extra={"examples": [_WRITTEN | {"messages": 1}]})

    messages: int


class EventOut(Told):
    """An event as it is kept, word for word."""

    model_config = ConfigDict(json_schema_extra={"examples": [EVENT]})

    id: str
    session: str
    role: str
    parts: list[dict[str, Any]]
    occurred_at: str
    actor: str = ""
    recorded_at: str = ""
    seq: int = 0


class Events(Told):
    """A page of events; ``next`` is the cursor of the next one, if there is one."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"events": [EVENT], "next": None}]})

    events: list[EventOut]
    next: str | None


class FormIn(Asked):
    """How to form what waits."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"close": True}]})

    close: bool = Field(False, description="Whether the sessions are over: then all that waits is formed.")
