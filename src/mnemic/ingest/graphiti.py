"""Zep's and Graphiti's graphs as JSON: episodes word for word, and edges as facts with the times at which they held.

    {"episodes": [{content, valid_at}], "edges": [{fact, name, valid_at, invalid_at}], "nodes": [{uuid, name}]}

Source: getzep/graphiti, graphiti_core/nodes.py and edges.py, 0.31; Zep documentation, "Reading data from the graph".
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime, tzinfo
from typing import Any

from mnemic.core.errors import BadInput
from mnemic.core.evidence import Part
from mnemic.ingest.document import name_of, parse, text_of
from mnemic.ingest.exports import own_time
from mnemic.ingest.graph_facts import fact, objects, one_owner
from mnemic.ingest.message import Message, shown
from mnemic.ingest.report import BadLine
from mnemic.ingest.source import Source

_EPISODES = ("episodes", "episodic_nodes")
_EDGES = ("edges", "entity_edges", "facts")
_NODES = ("nodes", "entity_nodes", "entities")


def read(source: Source, timezone: tzinfo) -> Iterator[Message | BadLine]:
    """Episodes, then edges; what no longer holds keeps the time at which it ended.

    >>> from datetime import UTC
    >>> text = b'{"edges": [{"uuid": "e", "fact": "Anna lives in Oslo", "valid_at": "2024-01-01T00:00:00Z"}]}'
    >>> [(found.text, found.at.year) for found in read(Source.of(text), UTC)]
    [('Anna lives in Oslo', 2024)]
    """
    data = parse(source.text())
    if not isinstance(data, dict):
        raise BadInput(f"{shown(data)} is no graph; give an object with episodes, edges and nodes")
    episodes, edges, nodes = (_list(data, names) for names in (_EPISODES, _EDGES, _NODES))
    remedy = "export one group (user) at a time"
    one_owner((item.get("group_id") for item in (*episodes, *edges)), "group_id", remedy)
    names = {str(node.get("uuid")): text_of(node.get("name"), "name") for node in nodes}
    number = 0
    for make, items in ((_episode, episodes), (_edge, edges)):
        for item in items:
            number += 1
            try:
                yield make(item, number, timezone, names)
            except BadInput as error:
                yield BadLine(number, str(error), "item")


def _list(data: Mapping[str, Any], names: tuple[str, ...]) -> list[Mapping[str, Any]]:
    name = next((name for name in names if name in data), names[0])
    return objects(data.get(name), name)


def _episode(item: Mapping[str, Any], number: int, timezone: tzinfo, _: Mapping[str, str]) -> Message:
    said = item.get("source") == "message"
    meta = {n: item[n] for n in ("name", "source", "source_description") if isinstance(item.get(n), str) and item[n]}
    text = text_of(item.get("content") or item.get("episode_body"), "content")
    return Message(
        number=number,
        order=number,
        role="user" if said else "document",
        parts=(Part("text", text),) if text.strip() else (),
        session=name_of(item.get("session_id") or item.get("thread_id") or item.get("group_id"), "group_id"),
        id=name_of(item.get("uuid"), "uuid"),
        at=_time(item, ("valid_at", "reference_time", "created_at"), timezone),
        meta=meta,
    )


def _edge(item: Mapping[str, Any], number: int, timezone: tzinfo, names: Mapping[str, str]) -> Message:
    text = text_of(item.get("fact"), "fact")
    if not text.strip():
        raise BadInput("fact: is missing or empty")
    since, until = (_time(item, (field,), timezone) for field in ("valid_at", "invalid_at"))
    if since and until and until < since:
        raise BadInput("invalid_at: is before valid_at")
    subject = names.get(str(item.get("source_node_uuid")), "")
    value = names.get(str(item.get("target_node_uuid")), "")
    made = _time(item, ("created_at",), timezone)
    held = {"since": since.isoformat() if since else None, "until": until.isoformat() if until else None}
    told = fact(subject, text_of(item.get("name"), "name"), value, text, **held)
    kept = {"facts": [{name: part for name, part in told.items() if part}], "graphiti": _kept(item)}
    return Message(
        number=number,
        order=number,
        role="document",
        parts=(Part("text", text),),
        actor=subject[:256],
        session="facts",
        id=name_of(item.get("uuid"), "uuid"),
        at=since or made,
        meta=kept,
    )


def _kept(item: Mapping[str, Any]) -> dict[str, Any]:
    names = ("name", "valid_at", "invalid_at", "created_at", "expired_at", "episodes")
    return {name: item[name] for name in names if item.get(name)}


def _time(item: Mapping[str, Any], fields: tuple[str, ...], timezone: tzinfo) -> datetime | None:
    return next((own_time(item[field], timezone, field) for field in fields if item.get(field) is not None), None)
