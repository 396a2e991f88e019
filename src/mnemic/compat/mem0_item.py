"""What mem0 calls a memory: a record, with the identifiers and metadata of the event that it came from."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, date, datetime
from typing import Any

from mnemic.answers import HistoryEntry
from mnemic.bank import Bank
from mnemic.compat.mem0_scope import Mem0Error
from mnemic.core.record import Record

#: Under this name an event's meta and a record's fields hold what mem0 keeps beside the words.
FIELD = "mem0"
_EVENTS = {"ADD": "ADD", "DEMOTE": "DELETE", "SUPERSEDE": "DELETE", "RESTORE": "ADD"}


def said_of(bank: Bank, records: Sequence[Record]) -> list[Mapping[str, Any]]:
    """What is kept beside each record: identifiers, ``metadata`` and ``expiration_date``."""
    sources = {record.id: record.sources[0].source for record in records if record.sources}
    with bank.engine.store.snapshot(bank.name) as snapshot:
        events = snapshot.events(list(dict.fromkeys(sources.values())))
    out: list[Mapping[str, Any]] = []
    for record in records:
        event = events.get(sources.get(record.id, ""))
        first = event.meta.get(FIELD, {}) if event is not None else {}
        # What was changed later is on the record; evidence stays as it was.
        out.append({**first, **record.fields.get(FIELD, {})})
    return out


def item_of(record: Record, said: Mapping[str, Any]) -> dict[str, Any]:
    """A record in mem0's shape."""
    made = record.times.recorded_at
    item: dict[str, Any] = {
        "id": record.id,
        "memory": record.value,
        "hash": hashlib.md5(record.value.encode(), usedforsecurity=False).hexdigest(),
        "metadata": dict(said.get("metadata") or {}) or None,
        "created_at": said.get("created_at") or (made.isoformat() if made else None),
        "updated_at": said.get("updated_at") or (made.isoformat() if made else None),
    }
    beside = {name: said.get(name) for name in ("user_id", "agent_id", "run_id")}
    beside |= {"actor_id": record.actor, "role": record.role, "expiration_date": said.get("expiration_date")}
    return item | {name: value for name, value in beside.items() if value}


def filterable(record: Record, said: Mapping[str, Any]) -> dict[str, Any]:
    """What filters look at."""
    item = item_of(record, said)
    return {**(item.pop("metadata") or {}), **item, "data": record.value}


def expired(said: Mapping[str, Any], now: datetime) -> bool:
    """Whether a memory's date has passed.

    >>> expired({"expiration_date": "2026-01-01"}, datetime(2026, 1, 2, tzinfo=UTC)), expired({}, datetime.now(UTC))
    (True, False)
    """
    until = said.get("expiration_date")
    return bool(until) and date.fromisoformat(str(until)) < now.astimezone(UTC).date()


def day(value: Any) -> str | None:
    """An expiration date as it is kept; raises Mem0Error.

    >>> day(date(2026, 5, 1)), day("2026-05-01"), day(None)
    ('2026-05-01', '2026-05-01', None)
    """
    if value is None:
        return None
    if isinstance(value, datetime):
        return value.date().isoformat()
    try:
        return (value if isinstance(value, date) else date.fromisoformat(value)).isoformat()
    except (TypeError, ValueError):
        raise Mem0Error("expiration_date must be a valid date in YYYY-MM-DD format.") from None


def history_of(entries: Iterable[HistoryEntry]) -> list[dict[str, Any]]:
    """The versions of a record as mem0 tells changes."""
    out: list[dict[str, Any]] = []
    before: str | None = None
    created = ""
    for entry in entries:
        event = _EVENTS.get(entry.entry.op.kind, "UPDATE")
        at = entry.entry.at.isoformat()
        created = created or at
        gone = event == "DELETE"
        out.append(
            {
                "id": f"{entry.record.id}:{entry.record.version}:{entry.entry.seq}",
                "memory_id": entry.record.id,
                "old_memory": before,
                "new_memory": None if gone else entry.record.value,
                "event": event,
                "created_at": created,
                "updated_at": at,
                "is_deleted": gone,
                "actor_id": entry.record.actor or None,
                "role": entry.record.role or None,
            }
        )
        before = entry.record.value
    return out
