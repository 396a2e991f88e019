"""ChatGPT's data export: conversations.json, its numbered successors, or the zip archive with them.

Each conversation is a tree of messages; the branch that ends at ``current_node`` is what the user saw.
Source: OpenAI Help Center, "How do I export my ChatGPT history and data?", and exports of 2023 to 2026.
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
from mnemic.ingest.parts import call_part, reference, result_part
from mnemic.ingest.report import BadLine
from mnemic.ingest.roles import role_of
from mnemic.ingest.source import Source
from mnemic.ingest.tree import branch, check_acyclic

_RESULTS = ("execution_output", "tether_quote", "tether_browsing_display", "system_error")


def read(source: Source, timezone: tzinfo) -> Iterator[Message | BadLine]:
    """The messages of each conversation's chosen branch, in order.

    A message without a time takes its neighbour's or the conversation's. Hidden messages, system prompts
    of the application and the model's private reasoning come without parts.

    >>> from datetime import UTC
    >>> text = b'''[{"id": "c", "create_time": 0, "current_node": "n", "mapping": {"n": {"parent": null,
    ...   "message": {"id": "m", "author": {"role": "user"},
    ...   "content": {"content_type": "text", "parts": ["Hi"]}}}}}]'''
    >>> [(found.session, found.text) for found in read(Source.of(text), UTC)]
    [('c', 'Hi')]
    """
    return _EXPORT.read(source, timezone)


def _chosen(conversation: object) -> list[Mapping[str, Any]]:
    """The messages of the branch that the user saw."""
    mapping = _object(_object(conversation, "conversation").get("mapping"), "mapping")
    if not mapping:
        return []
    parents: dict[str, str | None] = {}
    edges: list[tuple[str, str]] = []
    for key, node in mapping.items():
        parent = _object(node, f"mapping[{shown(key)}]").get("parent")
        children = node.get("children") or []
        if not isinstance(children, list) or not all(isinstance(child, str) for child in children):
            raise BadInput(f"mapping[{shown(key)}].children: is no list of ids")
        if node.get("message"):
            _object(node["message"], f"mapping[{shown(key)}].message")
        parents[key] = text_of(parent, f"mapping[{shown(key)}].parent") or None
        edges += [(key, child) for child in children]
    check_acyclic(edges + [(parent, key) for key, parent in parents.items() if parent])
    leaf = text_of(_object(conversation, "conversation").get("current_node"), "current_node")
    path = branch(parents, leaf or _last_leaf(mapping, parents))
    return [mapping[key]["message"] for key in path if mapping[key].get("message")]


def _last_leaf(mapping: Mapping[str, Any], parents: Mapping[str, str | None]) -> str:
    inner = set(parents.values())
    return [key for key in mapping if key not in inner][-1]


def _said(message: Mapping[str, Any]) -> tuple[str, tuple[Part, ...]]:
    author = _object(message.get("author"), "author")
    role = role_of(author.get("role"))
    return role, _parts(message, role, author.get("name"))


def _parts(message: Mapping[str, Any], role: str, author: object) -> tuple[Part, ...]:
    content = _object(message.get("content") or {}, "content")
    metadata = _object(message.get("metadata") or {}, "metadata")
    if metadata.get("is_visually_hidden_from_conversation") or (
        role == "system" and not metadata.get("is_user_system")
    ):
        return ()
    kind, recipient = content.get("content_type"), message.get("recipient") or "all"
    if kind in _RESULTS:
        text = text_of(content.get("text") or content.get("result"), "content.text")
        return (result_part(text, author, None),) if text else ()
    if kind == "code":
        text = text_of(content.get("text"), "content.text")
        if recipient != "all":
            return (call_part(recipient, text, None),) if text else ()
        return (Part("text", text),) if text else ()
    if kind in ("text", "multimodal_text"):
        pieces = content.get("parts") or []
        if not isinstance(pieces, list):
            raise BadInput(f"content.parts: {shown(pieces)} is no list")
        parts = tuple(part for piece in pieces if (part := _piece(piece)) is not None)
        if role == "tool":
            return tuple(result_part(part.text, author, None) if part.kind == "text" else part for part in parts)
        return parts
    return ()


def _piece(piece: object) -> Part | None:
    if isinstance(piece, str):
        return Part("text", piece) if piece.strip() else None
    if piece is None:
        return None
    found = _object(piece, "content.parts")
    kind = found.get("content_type")
    if kind == "image_asset_pointer":
        uri, meta = reference(found.get("asset_pointer"), "asset_pointer")
        made = _object(found.get("metadata") or {}, "metadata").get("dalle")
        caption = text_of(made.get("prompt"), "dalle.prompt") if isinstance(made, dict) else ""
        return Part("image", caption, uri, meta)
    if kind == "audio_transcription":
        text = text_of(found.get("text"), "audio_transcription.text")
        return Part("text", text) if text else None
    return None


def _object(value: object, field: str) -> Mapping[str, Any]:
    if isinstance(value, dict):
        return value
    raise BadInput(f"{field}: {shown(value)} is no object; download the export again")


_EXPORT = Export(chosen=_chosen, said=_said, session="conversation_id", title="title", id="id", time="create_time")
