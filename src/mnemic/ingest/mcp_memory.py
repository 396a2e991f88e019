"""The graph of the MCP memory server: entities with observations, and relations, one JSON object a line.

Each observation is an event of its entity, word for word; each relation a fact.
Source: modelcontextprotocol/servers, src/memory, 2026.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import tzinfo
from typing import Any

from mnemic.core.errors import BadInput
from mnemic.core.evidence import Part
from mnemic.ingest.document import name_of, parse, text_of
from mnemic.ingest.graph_facts import fact, objects
from mnemic.ingest.message import Message, shown
from mnemic.ingest.report import BadLine
from mnemic.ingest.source import Source


def read(source: Source, _: tzinfo) -> Iterator[Message | BadLine]:
    """The observations and relations, in order; the format knows no times.

    >>> from datetime import UTC
    >>> line = b'{"type": "entity", "name": "Anna", "entityType": "person", "observations": ["Likes tea"]}'
    >>> [(found.actor, found.text) for found in read(Source.of(line), UTC)]
    [('Anna', 'Likes tea')]
    """
    order = 0
    for number, item in _items(source):
        try:
            for message in _messages(item, number, order):
                order += 1
                yield message
        except BadInput as error:
            yield BadLine(number, str(error))


def _items(source: Source) -> Iterator[tuple[int, object]]:
    """Line number and object; a whole graph in one document is read like its lines."""
    lines = [(number, line) for number, line in source.lines() if line is None or line.strip()]
    first = lines[0][1] if lines else None
    try:
        whole = parse(source.text()) if first is not None and first.lstrip().startswith("{") else None
    except BadInput:
        whole = None
    if isinstance(whole, dict) and "type" not in whole:
        entities = [{"type": "entity", **item} for item in objects(whole.get("entities"), "entities")]
        relations = [{"type": "relation", **item} for item in objects(whole.get("relations"), "relations")]
        yield from enumerate([*entities, *relations], start=1)
        return
    for number, line in lines:
        try:
            yield number, parse(line, one_line=True) if line is not None else None
        except BadInput as error:
            yield number, error


def _messages(item: object, number: int, order: int) -> Iterator[Message]:
    if isinstance(item, BadInput):
        raise item
    if not isinstance(item, dict):
        raise BadInput(f"{shown(item)} is neither an entity nor a relation")
    kind = item.get("type")
    if kind == "relation":
        yield _relation(item, number, order)
        return
    if kind != "entity":
        raise BadInput(f"type: {shown(kind)} is unknown; use entity or relation")
    name = _named(item, "name")
    told = item.get("observations") or []
    if not isinstance(told, list):
        raise BadInput(f"observations: {shown(told)} is no list")
    texts = [text_of(text, "observations") for text in told]
    meta = {"entity": name, "entity_type": text_of(item.get("entityType"), "entityType")}
    for place, text in enumerate(text for text in texts if text.strip()):
        yield _message(number, order + place, name, text, meta)


def _relation(item: Mapping[str, Any], number: int, order: int) -> Message:
    subject, relation, other = (_named(item, field) for field in ("from", "relationType", "to"))
    text = f"{subject} {relation.replace('_', ' ')} {other}"
    return _message(number, order, subject, text, {"facts": [fact(subject, relation, other, text)]})


def _named(item: Mapping[str, Any], field: str) -> str:
    name = name_of(item.get(field), field)
    if not name:
        raise BadInput(f"{field}: is missing")
    return name


def _message(number: int, order: int, entity: str, text: str, meta: Mapping[str, Any]) -> Message:
    return Message(
        number=number, order=order + 1, role="document", parts=(Part("text", text),), actor=entity, session=entity,
        meta=meta,
    )  # fmt: skip
