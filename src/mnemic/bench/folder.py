"""A benchmark of one's own: events and questions as JSON Lines, in one folder or one a conversation.

``mine/events.jsonl``, one event a line: ``{"id": "e1", "session": "s1", "role": "user",
"text": "We moved.", "occurred_at": "2026-06-02"}``; ``mine/questions.jsonl``, one question a line:
``{"id": "q1", "question": "Who moved?", "evidence": ["e1"], "category": "facts", "answer": "we"}``.
Several histories: the same two files in ``mine/conversations/<id>/``.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any

from mnemic.bench.datafile import find_file, read_jsonl
from mnemic.bench.suite import Conversation, Gold, Probe, Suite
from mnemic.core.errors import BadInput
from mnemic.core.evidence import Event
from mnemic.core.times import instant

ORIGIN = "a suite is a folder with events.jsonl and questions.jsonl, or with conversations/<id>/ that hold them"
_ASKED_AFTER = timedelta(hours=1)
_EVENT_FIELDS = {"id", "session", "role", "actor", "text", "parts", "occurred_at", "meta"}
_QUESTION_FIELDS = {"id", "question", "evidence", "category", "category_name", "answer", "asked_at"}


def load_folder(path: Path) -> Suite:
    """The suite in a folder; its name is the folder's.

    Events need ``id``, ``text`` (or ``parts``) and ``occurred_at``; ``session`` is ``s1``, ``role`` ``user``
    unless given, ``actor`` and ``meta`` may be. Questions need ``id``, ``question`` and ``evidence`` (event
    ids of the same conversation); ``category`` is ``"-"`` and ``category_name`` the category unless given;
    ``asked_at`` is one hour after the last event unless given. Evidence that names no event is dropped and
    counted, as are questions left without any.

    Raises
    ------
    BadInput
        When a file is missing, a field is missing, unknown or of the wrong form, or an id comes twice.
    """
    parts = sorted(part for part in (path / "conversations").glob("*") if part.is_dir())
    gold = Gold()
    taken: set[str] = set()
    conversations = tuple(_conversation(part, gold, taken) for part in parts or [path])
    return Suite(path.resolve().name, conversations, gold.dropped())


def _conversation(path: Path, gold: Gold, taken: set[str]) -> Conversation:
    events: dict[str, Event] = {}
    for where, row in read_jsonl(find_file([path / "events.jsonl"], ORIGIN)):
        event = _event(where, row)
        if event.id in events:
            raise BadInput(f"{where}: id {event.id!r} comes twice; give each event its own")
        events[event.id] = event
    if not events:
        raise BadInput(f"data: {path / 'events.jsonl'} holds no events")
    last = max(event.occurred_at for event in events.values())
    gold.events = events
    probes = []
    for where, row in read_jsonl(find_file([path / "questions.jsonl"], ORIGIN)):
        _check(where, row, _QUESTION_FIELDS, ("id", "question", "evidence"))
        id_, category = f"{path.name}:{row['id']}", str(row.get("category", "-"))
        if id_ in taken:
            raise BadInput(f"{where}: id {row['id']!r} comes twice; give each question its own")
        taken.add(id_)
        if not isinstance(row["evidence"], list):
            raise BadInput(f"{where}: evidence must be a list of event ids")
        if evidence := gold.resolve(id_, category, (str(id_) for id_ in row["evidence"])):
            asked_at = instant(row["asked_at"], f"{where}: asked_at") if "asked_at" in row else last + _ASKED_AFTER
            spoken, answer = str(row.get("category_name", category)), str(row.get("answer", ""))
            probes.append(Probe(id_, str(row["question"]), category, spoken, evidence, answer, asked_at))
    return Conversation(path.resolve().name, tuple(events.values()), tuple(probes))


def _event(where: str, row: Mapping[str, Any]) -> Event:
    _check(where, row, _EVENT_FIELDS, ("id", "occurred_at"))
    if ("text" in row) == ("parts" in row):
        raise BadInput(f"{where}: give either text or parts")
    body = {"session": "s1", "role": "user", "parts": [{"kind": "text", "text": row.get("text")}], **row}
    body.pop("text", None)
    instant(row["occurred_at"], f"{where}: occurred_at")
    return Event.from_json({**body, "id": str(row["id"]), "session": str(body["session"])})


def _check(where: str, row: Mapping[str, Any], known: set[str], required: tuple[str, ...]) -> None:
    if missing := [name for name in required if name not in row]:
        raise BadInput(f"{where}: {missing[0]} is missing")
    if unknown := sorted(set(row) - known):
        raise BadInput(f"{where}: {unknown[0]} is not a known field; known are {', '.join(sorted(known))}")
