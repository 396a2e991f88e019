"""Claude's data export: conversations.json, or the zip archive with it.

A conversation lists its messages in order; where replies name their parents, the branch of the current leaf
is taken.
Source: Anthropic Help Center, "How can I export my Claude data?", and exports of 2024 to 2026.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import tzinfo
from typing import Any

from mnemic.core.errors import BadInput
from mnemic.core.evidence import Part
from mnemic.ingest.document import text_of
from mnemic.ingest.exports import Export
from mnemic.ingest.message import Message, shown
from mnemic.ingest.parts import call_part, result_part
from mnemic.ingest.report import BadLine
from mnemic.ingest.roles import role_of
from mnemic.ingest.source import Source
from mnemic.ingest.tree import branch, check_acyclic


def read(source: Source, timezone: tzinfo) -> Iterator[Message | BadLine]:
    """The messages of each conversation, in order; the model's private reasoning is left out.

    >>> from datetime import UTC
    >>> text = b'''[{"uuid": "c", "name": "Trip", "created_at": "2026-05-01T10:00:00Z",
    ...   "chat_messages": [{"uuid": "m", "sender": "human", "text": "Hi"}]}]'''
    >>> [(found.session, found.role, found.text) for found in read(Source.of(text), UTC)]
    [('c', 'user', 'Hi')]
    """
    return _EXPORT.read(source, timezone)


def _chosen(conversation: object) -> list[Mapping[str, Any]]:
    """The messages that the user saw, in order."""
    if not isinstance(conversation, dict):
        raise BadInput(f"{shown(conversation)} is no conversation; give conversations.json of an export")
    messages = _objects(conversation.get("chat_messages"), "chat_messages")
    by_id = {text_of(message.get("uuid"), "uuid"): message for message in messages}
    parents: dict[str, str | None] = {}
    for key, message in by_id.items():
        parent = text_of(message.get("parent_message_uuid"), "parent_message_uuid")
        # The first message replies to a placeholder that is not in the list.
        parents[key] = parent if parent in by_id else None
    check_acyclic((parent, key) for key, parent in parents.items() if parent is not None)
    leaf = text_of(conversation.get("current_leaf_message_uuid"), "current_leaf_message_uuid")
    return [by_id[key] for key in branch(parents, leaf)] if leaf and any(parents.values()) else messages


def _said(message: Mapping[str, Any]) -> tuple[str, tuple[Part, ...]]:
    blocks = _objects(message.get("content"), "content")
    parts = [part for block in blocks if (part := _block(block)) is not None]
    if not parts and (text := text_of(message.get("text"), "text")).strip():
        parts.append(Part("text", text))
    for field in ("attachments", "files"):
        for file in _objects(message.get(field), field):
            name = text_of(file.get("file_name"), f"{field}.file_name")
            words = text_of(file.get("extracted_content"), f"{field}.extracted_content")
            parts.append(Part("file", words, meta={"name": name} if name else {}))
    return role_of(message.get("sender")), tuple(parts)


def _block(block: Mapping[str, Any]) -> Part | None:
    kind = block.get("type")
    if kind == "text":
        text = text_of(block.get("text"), "content.text")
        return Part("text", text) if text.strip() else None
    if kind == "tool_use":
        return call_part(block.get("name"), block.get("input"), block.get("id"))
    if kind == "tool_result":
        content = block.get("content")
        pieces = [{"text": content}] if isinstance(content, str) else _objects(content, "content.content")
        text = "\n".join(filter(None, (text_of(piece.get("text"), "content.content.text") for piece in pieces)))
        return result_part(text, block.get("name"), block.get("tool_use_id")) if text else None
    return None


def _objects(value: object, field: str) -> list[Mapping[str, Any]]:
    if value is None:
        return []
    if isinstance(value, list) and all(isinstance(item, dict) for item in value):
        return value
    raise BadInput(f"{field}: {shown(value)} is no list of objects; download the export again")


_EXPORT = Export(chosen=_chosen, said=_said, session="uuid", title="name", id="uuid", time="created_at")
