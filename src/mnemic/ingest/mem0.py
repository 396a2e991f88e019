"""mem0's memories: what ``get_all`` or an export gives, one object a memory, of one user.

The words, their time, who said them and what was kept beside them come over under the memory's own id; the drop-in
finds the metadata where it keeps its own.
Source: mem0ai 2.2, ``Memory.get_all``; mem0 documentation, "Export stored memories", 2026.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import tzinfo
from typing import Any

from mnemic.core.errors import BadInput
from mnemic.core.evidence import Part
from mnemic.ingest.document import name_of, parse, text_of
from mnemic.ingest.exports import own_time
from mnemic.ingest.graph_facts import objects, one_owner
from mnemic.ingest.message import Message
from mnemic.ingest.report import BadLine
from mnemic.ingest.roles import role_of
from mnemic.ingest.source import Source

_IDS = ("user_id", "agent_id", "run_id", "app_id")


def read(source: Source, timezone: tzinfo) -> Iterator[Message | BadLine]:
    """Each memory, or why it is none.

    >>> from datetime import UTC
    >>> text = b'{"results": [{"id": "m1", "memory": "Likes tea", "user_id": "anna", "created_at": "2026-05-01"}]}'
    >>> [(found.text, found.id, found.at.year) for found in read(Source.of(text), UTC)]
    [('Likes tea', 'm1', 2026)]
    """
    data = parse(source.text())
    if isinstance(data, dict):
        data = next((data[name] for name in ("results", "memories", "data") if name in data), None)
    items = objects(data, "results")
    remedy = "export one user at a time: get_all(filters={'user_id': ...})"
    one_owner((item.get("user_id") for item in items), "user_id", remedy)
    for number, item in enumerate(items, start=1):
        try:
            yield _memory(item, number, timezone)
        except BadInput as error:
            yield BadLine(number, str(error), "memory")


def _memory(item: Mapping[str, Any], number: int, timezone: tzinfo) -> Message:
    text = text_of(item.get("memory") or item.get("text") or item.get("data"), "memory")
    if not text.strip():
        raise BadInput("memory: is missing or empty")
    beside = {name: name_of(item[name], name) for name in _IDS if item.get(name)}
    metadata = item.get("metadata") or {}
    if not isinstance(metadata, dict):
        raise BadInput("metadata: is no object")
    kept = {**beside, "metadata": metadata, "expiration_date": item.get("expiration_date")}
    kept |= {name: item[name] for name in ("updated_at", "categories", "attributed_to") if item.get(name)}
    return Message(
        number=number,
        order=number,
        role=role_of(item.get("role") or "user"),
        parts=(Part("text", text),),
        actor=name_of(item.get("actor_id"), "actor_id"),
        session=beside.get("run_id", ""),
        id=name_of(item.get("id"), "id"),
        at=own_time(item.get("created_at"), timezone, "created_at"),
        meta={"mem0": {name: value for name, value in kept.items() if value}},
    )
