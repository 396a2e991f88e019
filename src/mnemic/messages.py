"""Turns what callers hand to ``retain`` into events, and refuses what cannot be kept."""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from mnemic.core.chance import IdSource
from mnemic.core.errors import BadInput
from mnemic.core.evidence import PART_KINDS, Event, Part
from mnemic.core.experience import Episode
from mnemic.core.times import instant

MAX_TEXT = 1 << 20
#: Levels of objects and lists within one another.
MAX_DEPTH = 100
_KNOWN = (
    "id", "session", "role", "actor", "name", "at", "timestamp", "occurred_at", "content", "parts", "meta", "labels",
)  # fmt: skip
Message = str | Mapping[str, Any] | Event


def to_events(
    messages: Message | Episode | Iterable[Message],
    *,
    session: str | None,
    at: datetime | str | float | None,
    now: datetime,
    ids: IdSource,
) -> list[Event]:
    """Events of one message or many: strings, chat messages (role, content), events, or an episode.

    ``session`` and ``at`` are for messages that do not say their own. Raises BadInput naming the message and
    the field.

    >>> from datetime import UTC
    >>> now = datetime(2026, 6, 2, tzinfo=UTC)
    >>> events = to_events([{"role": "user", "content": "Hello"}], session="s1", at=None, now=now, ids=IdSource(1))
    >>> events[0].text, events[0].session, events[0].occurred_at == now
    ('Hello', 's1', True)
    """
    if isinstance(messages, Episode):
        return [_checked(event, 0) for event in _of_episode(messages, now)]
    if isinstance(messages, (str, Mapping, Event)):
        messages = [messages]
    if not isinstance(messages, Iterable):
        raise BadInput(f"messages: expected text, a chat message, an Event or many, got {type(messages).__name__}")
    default = now if at is None else instant(at)
    out = []
    for index, message in enumerate(messages):
        if isinstance(message, Event):
            event = message
        else:
            body = {"role": "user", "content": message} if isinstance(message, str) else message
            if not isinstance(body, Mapping):
                raise BadInput(
                    f"messages[{index}]: expected text, a chat message or an Event, got {type(body).__name__}"
                )
            event = _of_message(body, index, session or "default", default, now, ids)
        out.append(_checked(event, index))
    return out


def _of_message(body: Mapping[str, Any], index: int, session: str, at: datetime, now: datetime, ids: IdSource) -> Event:
    where = f"messages[{index}]"
    if unknown := [name for name in body if name not in _KNOWN]:
        raise BadInput(f"{where}.{unknown[0]}: unknown field; known are {', '.join(_KNOWN)}")
    if "parts" in body:
        if not isinstance(body["parts"], (list, tuple)):
            raise BadInput(f"{where}.parts: expected a list")
        parts = tuple(_part(part, f"{where}.parts[{i}]") for i, part in enumerate(body["parts"]))
    else:
        content = body.get("content")
        if not isinstance(content, str):
            raise BadInput(f"{where}.content: expected text; give 'parts' for anything else")
        parts = (Part("text", content),)
    when = next((body[name] for name in ("occurred_at", "at", "timestamp") if body.get(name) is not None), None)
    return Event(
        id=_text(body.get("id") or ids.new(now), f"{where}.id"),
        session=_text(body.get("session") or session, f"{where}.session"),
        role=_text(body.get("role") or "user", f"{where}.role"),
        actor=_text(body.get("actor") or body.get("name") or "", f"{where}.actor"),
        parts=parts,
        occurred_at=at if when is None else instant(when, f"{where}.at"),
        meta=body.get("meta") or {},
        labels=body.get("labels") or (),
    )


def _labels(labels: Any, where: str) -> tuple[str, ...]:
    if isinstance(labels, str) or not isinstance(labels, (list, tuple)):
        raise BadInput(f"{where}: expected a list of labels, such as health")
    for label in labels:
        if not check_text(label, where, limit=100).strip():
            raise BadInput(f"{where}: an empty label says nothing; leave it out")
    return tuple(dict.fromkeys(labels))


def _part(part: Any, where: str) -> Part:
    if isinstance(part, Part):
        return part
    if not isinstance(part, Mapping):
        raise BadInput(f"{where}: expected an object with kind and text, got {type(part).__name__}")
    return Part.from_json(part)


def _of_episode(episode: Episode, now: datetime) -> list[Event]:
    lines = [("user", episode.task)]
    for step in episode.steps:
        lines += [("tool", step.observation), ("assistant", step.action), ("tool", step.result)]
    lines = [(role, text) for role, text in lines if text]
    outcome = f"reward: {episode.reward}" if episode.reward is not None else "no reward"
    events = [
        Event(id=f"{episode.id}/{i}", session=episode.id, role=role, parts=(Part("text", text),), occurred_at=now)
        for i, (role, text) in enumerate(lines)
    ]
    meta = {**episode.meta, "reward": episode.reward, "records_used": list(episode.records_used), "task": episode.task}
    events.append(
        Event(
            id=f"{episode.id}/outcome",
            session=episode.id,
            role="outcome",
            parts=(Part("text", outcome),),
            occurred_at=now,
            meta=meta,
        )
    )
    return events


def _text(value: Any, where: str) -> str:
    if not isinstance(value, str):
        raise BadInput(f"{where}: expected text, got {type(value).__name__}")
    return value


def _checked(event: Event, index: int) -> Event:
    where = f"messages[{index}]"
    for name in ("id", "session", "role", "actor"):
        check_text(getattr(event, name), f"{where}.{name}", limit=1000)
    if not event.id or not event.session:
        raise BadInput(f"{where}.id: an event needs an id and a session")
    # In UTC, so that the event read back from a log has the hash of the one that was given.
    event = replace(event, occurred_at=instant(event.occurred_at, f"{where}.at"))
    event = replace(event, labels=_labels(event.labels, f"{where}.labels"))
    check_data(event.meta, f"{where}.meta")
    for part in event.parts:
        if not isinstance(part, Part) or part.kind not in PART_KINDS:
            raise BadInput(f"{where}.parts: {part!r} is no part; its kind is one of {', '.join(PART_KINDS)}")
        check_data(part.meta, f"{where}.parts.meta")
        check_text(part.text, f"{where}.content", limit=MAX_TEXT)
        check_text(part.uri, f"{where}.uri", limit=MAX_TEXT)
    if not any(part.text.strip() or part.uri for part in event.parts):
        raise BadInput(f"{where}.content: is empty")
    return event


def check_text(text: str, where: str, *, limit: int) -> str:
    """Give the text back; raises BadInput when it is too long or holds what cannot be stored."""
    if not isinstance(text, str):
        raise BadInput(f"{where}: expected text, got {type(text).__name__}")
    if len(text) > limit:
        raise BadInput(f"{where}: is {len(text):,} characters long; at most {limit:,} are taken, so split it")
    if "\0" in text:
        raise BadInput(f"{where}: holds a NUL character; remove it")
    try:
        text.encode("utf-8")
    except UnicodeEncodeError as error:
        raise BadInput(f"{where}: holds a lone surrogate at character {error.start}; it is no valid text") from None
    return text


def check_whole(value: int, where: str, low: int, high: int) -> int:
    """Give the number back; raises BadInput when it is no whole number or out of range."""
    if isinstance(value, bool) or not isinstance(value, int) or not low <= value <= high:
        raise BadInput(f"{where}: {value!r} is out of range; give a whole number from {low} to {high}")
    return value


def check_data(data: Any, where: str) -> None:
    """Raise BadInput unless ``data`` is a JSON object that comes back from a store as it went in."""
    if not isinstance(data, Mapping):
        raise BadInput(f"{where}: expected an object, got {type(data).__name__}")
    if _deeper(data, MAX_DEPTH):
        raise BadInput(f"{where}: is nested deeper than {MAX_DEPTH} levels; flatten it")
    try:
        text = json.dumps(data, allow_nan=False, ensure_ascii=False, sort_keys=True)
    except (TypeError, ValueError, RecursionError) as error:
        raise BadInput(f"{where}: is no JSON ({error})") from None
    check_text(text, where, limit=MAX_TEXT)


def _deeper(data: Any, levels: int) -> bool:
    level: list[Any] = [data]
    for _ in range(levels):
        within = [one.values() if isinstance(one, Mapping) else one for one in level]
        level = [item for items in within for item in items if isinstance(item, (Mapping, list, tuple))]
        if not level:
            return False
    return True


def check_name(name: str, where: str = "bank") -> str:
    """Give a bank's name back; raises BadInput when it is empty, too long, or holds control characters."""
    check_text(name, where, limit=200)
    if not name.strip() or any(unicodedata.category(c).startswith("C") for c in name):
        raise BadInput(f"{where}: {name!r} is no name; give 1 to 200 printable characters")
    return name
