"""Lessons are drawn from successes with a reward, and credit goes to what was used."""

from __future__ import annotations

from typing import Any

import pytest

from mnemic.core.evidence import Event, Part, Segment
from mnemic.core.list_view import ListTools, ListView
from mnemic.core.record import Record
from mnemic.core.times import instant
from mnemic.experience.credit import Credit
from mnemic.experience.distilled_lessons import DistilledLessons

LESSONS = [
    {"when_to_use": "booking", "lesson": "Call", "score": 0.9},
    {"when_to_use": "booking", "lesson": "Pray", "score": 0.2},
    {"when_to_use": "booking", "lesson": "Be early"},
]


def event(number: int, role: str, text: str, **meta: Any) -> Event:
    at = instant(f"2026-06-02T10:0{number}")
    return Event(
        id=f"t/{number}", session="t", role=role, parts=(Part("text", text),), occurred_at=at, seq=number, meta=meta
    )


def episode(reward: float | None, used: tuple[str, ...] = ()) -> Segment:
    said = event(1, "user", "Book a table"), event(2, "assistant", "I call")
    return Segment((*said, event(3, "outcome", "done", reward=reward, task="Book a table", records_used=list(used))))


@pytest.mark.parametrize(("reward", "kept"), [(1.0, ["Call", "Be early"]), (0.5, []), (None, [])])
def test_lessons_come_from_successes_and_pass_the_score(reward: float | None, kept: list[str]) -> None:
    view = ListView([], tools=ListTools(answers={"distil": lambda inputs: {"lessons": LESSONS}}))
    drafts = list(DistilledLessons().extract(episode(reward), view))
    assert [draft.value for draft in drafts] == kept
    assert all(draft.epistemic == "inference" and len(draft.sources) == 3 for draft in drafts)


@pytest.mark.parametrize(("reward", "counter"), [(1.0, "successes"), (0.4, "failures")])
def test_credit_counts_for_known_records_only(reward: float, counter: str) -> None:
    known = Record(id="r1", kind="lesson", value="Call")
    view = ListView([known], events=episode(reward, ("r1", "gone")).events)
    assert [(op.targets, op.changes["counts"]) for op in Credit().run(view, since=0)] == [(("r1",), {counter: 1})]
    assert list(Credit().run(view, since=3)) == []
