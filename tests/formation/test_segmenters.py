"""Segmenters cover a session exactly, in order; batches and single turns are cut alike."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mnemic.core.errors import BadInput
from mnemic.core.evidence import Event, Segment
from mnemic.core.stage import Segmenter
from mnemic.formation.per_session import PerSession
from mnemic.formation.per_turn import PerTurn
from mnemic.formation.topic_shift import TopicShift
from mnemic.formation.turn_window import TurnWindow

from .formation_view import EventList, turn

SEGMENTERS: list[Segmenter] = [PerTurn(), PerSession(), TurnWindow(size=3), TurnWindow(size=1), TopicShift(window=2)]
SENTENCES = (
    "The cat sleeps on the warm sofa",
    "My cat loves the sofa by the window",
    "We booked flights to Lisbon",
    "Lisbon flights were cheap in May",
    "The engine of the car is broken",
    "",
)
SESSIONS = st.lists(st.sampled_from(SENTENCES), max_size=14).map(
    lambda texts: [turn(i, text) for i, text in enumerate(texts, 1)]
)


def one_by_one(segmenter: Segmenter, events: list[Event]) -> list[Segment]:
    """The closed segments of a session that is retained turn by turn, then closed."""
    out: list[Segment] = []
    waiting: list[Event] = []
    for place, event in enumerate(events, 1):
        waiting.append(event)
        view = EventList(events[:place]).as_view()
        segments = list(segmenter.split(waiting, view, closed=False))
        out.extend(segment for segment in segments if not segment.open)
        waiting = [event for segment in segments if segment.open for event in segment.events]
    out.extend(segmenter.split(waiting, EventList(events).as_view(), closed=True))
    return out


@pytest.mark.parametrize("segmenter", SEGMENTERS, ids=str)
@given(events=SESSIONS, closed=st.booleans())
def test_exact_cover_with_only_the_tail_open(segmenter: Segmenter, events: list[Event], closed: bool) -> None:
    segments = list(segmenter.split(events, EventList(events).as_view(), closed=closed))
    assert [event for segment in segments for event in segment.events] == events
    assert all(segment.events for segment in segments)
    assert not any(segment.open for segment in segments[:-1])
    assert not (closed and any(segment.open for segment in segments))


@pytest.mark.parametrize("segmenter", [*SEGMENTERS, TurnWindow(size=4, stride=2)], ids=str)
@given(events=SESSIONS)
def test_turn_by_turn_cuts_like_a_batch(segmenter: Segmenter, events: list[Event]) -> None:
    batch = list(segmenter.split(events, EventList(events).as_view(), closed=True))
    assert [s.events for s in one_by_one(segmenter, events)] == [s.events for s in batch]


def test_windows_that_overlap_look_back() -> None:
    events = [turn(i, f"turn {i}") for i in range(1, 8)]
    segments = TurnWindow(size=3, stride=2).split(events, EventList(events).as_view(), closed=True)
    assert [[e.seq for e in s.events] for s in segments] == [[1, 2], [2, 3, 4], [4, 5, 6], [6, 7]]


@pytest.mark.parametrize(("size", "stride"), [(0, None), (3, 4), (3, 0), (3, -1)])
def test_windows_refuse_strides_that_leave_turns_out(size: int, stride: int | None) -> None:
    with pytest.raises(BadInput, match="stride"):
        TurnWindow(size=size, stride=stride)


def test_a_shift_is_cut_where_the_words_change() -> None:
    texts = ["The cat naps on the sofa", "That cat and its sofa", "A cat loves a sofa", "Sofa cat again"]
    texts += ["Flights to Lisbon in May", "May flights to Lisbon sell out", "Book Lisbon flights", "Lisbon in May"]
    events = [turn(i, text) for i, text in enumerate(texts, 1)]
    segments = TopicShift(window=2).split(events, EventList(events).as_view(), closed=True)
    assert [[e.seq for e in s.events] for s in segments] == [[1, 2, 3, 4], [5, 6, 7, 8]]


@given(events=SESSIONS)
def test_no_topic_is_longer_than_allowed(events: list[Event]) -> None:
    segments = TopicShift(window=1, quantile=0.0, longest=3).split(events, EventList(events).as_view(), closed=False)
    assert all(len(segment.events) <= 3 for segment in segments)


@pytest.mark.parametrize(
    ("parameters", "field"),
    [({"window": 0}, "window"), ({"quantile": 1.5}, "quantile"), ({"window": 5, "longest": 9}, "longest")],
)
def test_topic_shift_names_the_parameter_that_is_wrong(parameters: dict[str, float], field: str) -> None:
    with pytest.raises(BadInput, match=rf"topic_shift\.{field}"):
        TopicShift(**parameters)  # type: ignore[arg-type]


@pytest.mark.parametrize("segmenter", SEGMENTERS, ids=str)
@given(events=SESSIONS)
def test_a_segment_is_not_cut_again(segmenter: Segmenter, events: list[Event]) -> None:
    view = EventList(events).as_view()
    for segment in segmenter.split(events, view, closed=True):
        assert [again.events for again in segmenter.split(segment.events, view, closed=True)] == [segment.events]
