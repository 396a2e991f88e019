"""Topics by a model: an exact cover whatever it answers, and no question before it is worth one."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mnemic.core.errors import BadInput, Malformed
from mnemic.core.evidence import Event, Part
from mnemic.core.list_view import ListTools, ListView
from mnemic.core.pipeline import stage_from_data
from mnemic.core.times import instant
from mnemic.formation.asked_topics import AskedTopics
from mnemic.models.tasks.find_topics import rule

TOPIC = st.fixed_dictionaries(
    {
        "title": st.text(min_size=1, max_size=5).filter(str.strip),
        "text": st.just("x"),
        "turns": st.lists(st.sampled_from([*map(str, range(30)), "x"]), max_size=20),
    }
)


def turns(count: int) -> list[Event]:
    at = instant("2026-06-02")
    texts = [f"Word{i // 5} again word{i // 5}" for i in range(count)]
    return [
        Event(id=f"e{i}", session="s", role="user", parts=(Part("text", text),), seq=i + 1, occurred_at=at)
        for i, text in enumerate(texts)
    ]


def view_of(answer: Any) -> ListView:
    return ListView([], tools=ListTools(answers={"find_topics": answer}))


@given(topics=st.lists(TOPIC, max_size=5), count=st.integers(0, 30), closed=st.booleans(), most=st.integers(1, 40))
def test_the_segments_cover_the_turns_exactly(
    topics: list[dict[str, Any]], count: int, closed: bool, most: int
) -> None:
    view = view_of(lambda inputs: {"records": topics})
    segments = list(AskedTopics(least=5, most=most).split(turns(count), view, closed=closed))
    assert [event.id for segment in segments for event in segment.events] == [f"e{i}" for i in range(count)]
    assert all(segment.events for segment in segments)
    assert [segment.open for segment in segments].count(True) <= 1
    assert not any(segment.open for segment in segments[:-1])
    # What waits gets fewer with each question, so that asking comes to an end.
    asked = count and (closed or count >= min(5, most))
    assert not asked or not segments[0].open


def test_nothing_is_asked_while_few_turns_wait() -> None:
    calls: list[int] = []

    def count(inputs: Mapping[str, Any]) -> Mapping[str, Any]:
        calls.append(len(inputs["turns"]))
        return rule(inputs)

    view = view_of(count)
    stage = AskedTopics(least=10, most=12)
    assert [s.open for s in stage.split(turns(9), view, closed=False)] == [True]
    assert not calls
    segments = list(stage.split(turns(30), view, closed=False))
    assert calls == [12]
    assert segments[-1].open
    assert len(segments[-1].events) >= 18


def test_an_answer_that_cannot_be_read_gives_groups_of_one_size() -> None:
    def unreadable(inputs: Mapping[str, Any]) -> Mapping[str, Any]:
        raise Malformed("no JSON")

    segments = list(AskedTopics(fallback=4).split(turns(10), view_of(unreadable), closed=True))
    assert [len(segment.events) for segment in segments] == [4, 4, 2]
    assert {segment.topic for segment in segments} == {""}


@pytest.mark.parametrize("name", ["least", "most", "fallback"])
def test_sizes_below_one_are_refused(name: str) -> None:
    with pytest.raises(BadInput, match=name):
        stage_from_data({"stage": "asked_topics", name: 0})
