"""Turns vocabulary into what stores keep in rows, and back: the same bytes on every engine."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any

from mnemic.core.op import LogEntry, Op
from mnemic.core.record import Edge, Record
from mnemic.core.times import Interval, from_micros, instant, to_micros
from mnemic.store.protocol import Unit

# json.dumps makes an encoder at every call that is given separators.
_ENCODER = json.JSONEncoder(separators=(",", ":"), ensure_ascii=False)


def dumps(data: Mapping[str, Any]) -> str:
    """Compact JSON, keys in the order in which they were made."""
    return _ENCODER.encode(data)


def record_body(record: Record) -> tuple[str, str]:
    """A record's content and its counters, apart: counters change without a new version."""
    data = record.to_json()
    stats = data.pop("stats", {})
    data.pop("bank", None)
    return dumps(data), dumps(stats) if stats else "{}"


def record_of(body: str, stats: str, bank: str) -> Record:
    """The inverse of :func:`record_body`."""
    data = json.loads(body)
    data["bank"] = bank
    if stats != "{}":
        data["stats"] = json.loads(stats)
    return Record.from_json(data)


def intervals_of(record: Record) -> set[tuple[int, int]]:
    """Every stretch of time that a record is about: its event, its validity, and times it mentions."""
    spans = {record.times.event, record.times.valid}
    spans.update(
        Interval(instant(mention["start"]), instant(mention["end"])) for mention in record.fields.get("times", ())
    )
    return {(to_micros(span.start), to_micros(span.end)) for span in spans if span is not None}


def marks_of(record: Record) -> set[tuple[str, str]]:
    """The words a record can be asked for by: ``(field, word)``."""
    groups = (("entity", record.entities), ("tag", record.tags), ("label", record.labels))
    return {(field, word.casefold()) for field, words in groups for word in words if word}


def entry_of(seq: int, batch: int, at: int, body: str) -> LogEntry:
    """A log entry of its row."""
    return LogEntry(seq, batch, from_micros(at), Op.from_json(json.loads(body)))


def edge_of(body: str) -> Edge:
    """An edge of its body."""
    return Edge.from_json(json.loads(body))


def by_name_and_mode(units: Iterable[Unit]) -> dict[tuple[str, str], list[bytes]]:
    """Hashes of units grouped by name and mode, each once: so they are looked up, since the index leads with both."""
    groups: dict[tuple[str, str], dict[bytes, None]] = {}
    for unit in units:
        groups.setdefault((unit.name, unit.mode), {})[unit.sha] = None
    return {group: list(shas) for group, shas in groups.items()}
