"""The conversation that ships with the product holds together, and its questions can be answered from it."""

from __future__ import annotations

import json
from datetime import timedelta
from importlib.resources import files
from itertools import groupby, pairwise
from typing import Any

import pytest

from mnemic.core.evidence import Event
from mnemic.core.times import instant
from mnemic.ingest import read_all

DEMO = files("mnemic") / "demo"
LITERAL = {
    "current-drink": ["Earl Grey", "give up coffee"],
    "earlier-rent": ["780"],
    "first-fish": ["birthday, on 14 March", "weekend before my birthday", "on the Sunday"],
    "whose-idea": ["Inês has her own idea", "Lagoa do Fogo", "I would put Sete Cidades first"],
    "run-time": ["1 hour 52", "Tomás", "lead designer"],
    "wedding-date": ["16 May", "Saturday 23 May 2026"],
    "wrong-notice": ["30 days", "60 days", "more than two years"],
    "dinner": ["live music", "nothing after eight", "No meat", "Fish once or twice"],
    "ines-work": ["neonatal unit", "days only", "paediatric emergency", "mostly at night"],
    "presents": ["teapot", "head torch", "rain jacket", "my mother's present"],
}


@pytest.fixture(scope="module")
def events() -> list[Event]:
    read, report = read_all((DEMO / "conversation.jsonl").read_bytes())
    assert not report.bad
    assert report.duplicates == 0
    return read


@pytest.fixture(scope="module")
def questions() -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads((DEMO / "questions.json").read_text("utf-8"))["questions"]
    return found


def test_ids_are_unique_and_kept(events: list[Event]) -> None:
    ids = [event.id for event in events]
    assert len(set(ids)) == len(ids)
    assert all(name.startswith("demo-s") for name in ids)


def test_length_and_span(events: list[Event]) -> None:
    sessions = [(name, list(turns)) for name, turns in groupby(events, key=lambda event: event.session)]
    assert len(sessions) == len({name for name, _ in sessions}) >= 14
    assert all(12 <= len(turns) <= 20 for _, turns in sessions)
    assert events[-1].occurred_at - events[0].occurred_at > timedelta(days=240)
    assert all(turns[0].occurred_at.date().isoformat() == name for name, turns in sessions)


def test_times_ascend(events: list[Event]) -> None:
    assert all(before.occurred_at < after.occurred_at for before, after in pairwise(events))


def test_two_speakers_take_turns(events: list[Event]) -> None:
    assert {(event.role, event.actor) for event in events} == {("user", "Marta"), ("assistant", "assistant")}
    assert all(a.role != b.role for a, b in pairwise(events) if a.session == b.session)


def test_questions_rest_on_evidence(events: list[Event], questions: list[dict[str, Any]]) -> None:
    texts = {event.id: event.text for event in events}
    assert [question["id"] for question in questions] == list(LITERAL)
    for question in questions:
        assert set(question) == {"id", "question", "asked_at", "answer", "evidence", "why_hard"}
        assert instant(question["asked_at"]) > events[-1].occurred_at
        assert question["evidence"]
        evidence = "\n".join(texts[name] for name in question["evidence"])
        missing = [part for part in LITERAL[question["id"]] if part not in evidence]
        assert missing == []
