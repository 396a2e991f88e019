"""A chat message as a JSON object: the shape shared by JSON Lines and by lists of chat API messages."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import tzinfo
from typing import Any

from mnemic.core.errors import BadInput
from mnemic.core.evidence import Part
from mnemic.ingest.document import name_of
from mnemic.ingest.message import Message, shown
from mnemic.ingest.moment import moment
from mnemic.ingest.parts import content_parts, own_parts, result_part, tool_calls
from mnemic.ingest.roles import role_of

_ACTORS = ("actor", "speaker", "name")
_TIMES = ("at", "occurred_at", "timestamp", "created_at")


def chat_message(data: object, number: int, order: int, timezone: tzinfo) -> Message:
    """The message of a JSON object with ``role`` and ``content`` (or ``parts``).

    Optional: ``id``, ``session``, a name in ``actor`` | ``speaker`` | ``name``, a time in ``at`` |
    ``occurred_at`` | ``timestamp`` | ``created_at``, ``tool_calls``, ``meta``. A named speaker without a role
    is a user. Raises BadInput that names the field.

    >>> from datetime import UTC
    >>> data = {"role": "user", "content": "Hi", "name": "Anna", "at": "2026-05-01"}
    >>> message = chat_message(data, 1, 1, UTC)
    >>> message.actor, message.text, message.at.isoformat()
    ('Anna', 'Hi', '2026-05-01T00:00:00+00:00')
    """
    if not isinstance(data, dict):
        raise BadInput(f"{shown(data)} is no message; give an object with role and content")
    actor = name_of(_first(data, _ACTORS), "actor")
    role = "user" if data.get("role") is None and actor else role_of(data.get("role"))
    time = _first(data, _TIMES)
    meta = data.get("meta") or {}
    if not isinstance(meta, dict):
        raise BadInput(f"meta: {shown(meta)} is no object")
    return Message(
        number=number,
        order=order,
        role=role,
        parts=_parts(data, role),
        actor="" if role == "tool" else actor,
        session=name_of(data.get("session"), "session"),
        id=name_of(data.get("id"), "id"),
        at=None if time is None else moment(time, timezone, "at"),
        meta=meta,
    )


def _parts(data: Mapping[str, Any], role: str) -> tuple[Part, ...]:
    parts = content_parts(data.get("content")) + own_parts(data.get("parts")) + tool_calls(data)
    if role == "tool":
        call, name = data.get("tool_call_id"), data.get("name")
        parts = tuple(result_part(p.text, name, call) if p.kind == "text" else p for p in parts)
    if not parts:
        raise BadInput("content: is missing or empty; give text, or parts with something in them")
    return parts


def _first(data: Mapping[str, Any], names: tuple[str, ...]) -> Any:
    return next((data[name] for name in names if data.get(name) is not None), None)
