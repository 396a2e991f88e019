"""Letta's agent files (``.af``): the blocks of core memory, and what was said to and by each agent.

The system prompt, heartbeats and the agent's private reasoning stay out; what an agent said with ``send_message`` is
taken as said.
Source: letta-ai/agent-file, "Agent File schema", 2025, and letta 0.16, schemas/agent_file.py.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from datetime import tzinfo
from typing import Any

from mnemic.core.errors import BadInput
from mnemic.core.evidence import Part
from mnemic.ingest.document import name_of, parse, text_of
from mnemic.ingest.exports import own_time
from mnemic.ingest.graph_facts import objects
from mnemic.ingest.message import Message, shown
from mnemic.ingest.parts import content_parts, result_part, tool_calls
from mnemic.ingest.report import BadLine
from mnemic.ingest.roles import role_of
from mnemic.ingest.source import Source

_TALK = "send_message"


def read(source: Source, timezone: tzinfo) -> Iterator[Message | BadLine]:
    """Blocks first, then each agent's messages in order.

    >>> from datetime import UTC
    >>> text = b'''{"name": "a", "core_memory": [{"label": "human", "value": "Anna likes tea"}], "messages":
    ...   [{"role": "user", "created_at": "2026-05-01T10:00:00Z", "content": [{"type": "text", "text": "Hi"}]}]}'''
    >>> [(found.session, found.text) for found in read(Source.of(text), UTC)]
    [('core memory', 'Anna likes tea'), ('a', 'Hi')]
    """
    data = parse(source.text())
    if not isinstance(data, dict):
        raise BadInput(f"{shown(data)} is no agent file; export the agent again")
    agents = objects(data["agents"], "agents") if "agents" in data else [data]
    blocks = objects(data.get("blocks", data.get("core_memory")), "blocks")
    number = 0
    for block in blocks:
        number += 1
        try:
            yield _block(block, number, timezone)
        except BadInput as error:
            yield BadLine(number, f"block: {error}", "item")
    for agent in agents:
        session = name_of(agent.get("name") or agent.get("id"), "name") or "agent"
        for message in objects(agent.get("messages"), "messages"):
            number += 1
            try:
                yield _message(message, number, session, timezone)
            except BadInput as error:
                yield BadLine(number, str(error), "item")


def _block(block: Mapping[str, Any], number: int, timezone: tzinfo) -> Message:
    text = text_of(block.get("value"), "value")
    label = name_of(block.get("label"), "label")
    at = own_time(block.get("updated_at") or block.get("created_at"), timezone, "created_at")
    parts = (Part("text", text),) if text.strip() else ()
    return Message(
        number=number, order=number, role="document", parts=parts, actor=label, session="core memory", at=at,
        meta={"label": label},
    )  # fmt: skip


def _message(message: Mapping[str, Any], number: int, session: str, timezone: tzinfo) -> Message:
    role = role_of(message.get("role"))
    content = message.get("content") if message.get("content") is not None else message.get("text")
    parts = [part for part in content_parts(_spoken(content)) if part.text.strip() or part.uri]
    if role == "user":
        parts = [said for part in parts if (said := _unwrapped(part)) is not None]
    if role == "tool":
        call = message.get("tool_call_id")
        parts = [result_part(p.text, message.get("name"), call) if p.kind == "text" else p for p in parts]
    parts += [_talk(call) for call in tool_calls(message)]
    return Message(
        number=number,
        order=number,
        role=role,
        parts=() if role == "system" else tuple(parts),
        session=session,
        id=name_of(message.get("id"), "id"),
        at=own_time(message.get("created_at"), timezone, "created_at"),
    )


def _spoken(content: object) -> object:
    """Content without the model's private reasoning."""
    if not isinstance(content, list):
        return content
    kinds = ("text", "image_url", "input_image", "file")
    return [part for part in content if not isinstance(part, dict) or part.get("type") in kinds]


def _unwrapped(part: Part) -> Part | None:
    """The words in Letta's envelope of a user's message; None for an envelope of anything else."""
    if part.kind != "text" or not part.text.lstrip().startswith("{"):
        return part
    try:
        envelope = json.loads(part.text)
    except (ValueError, RecursionError):
        return part
    if not isinstance(envelope, dict) or not isinstance(envelope.get("type"), str):
        return part
    words = envelope.get("message")
    return Part("text", words) if envelope["type"] == "user_message" and isinstance(words, str) and words else None


def _talk(call: Part) -> Part:
    if call.meta.get("name") != _TALK:
        return call
    try:
        words = json.loads(call.text).get("message")
    except (ValueError, AttributeError, RecursionError):
        return call
    return Part("text", words) if isinstance(words, str) and words.strip() else call
