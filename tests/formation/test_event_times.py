"""Times that words speak of are noted beside when the words were said."""

from __future__ import annotations

from mnemic.core.evidence import Event
from mnemic.core.execute import form
from mnemic.core.record import Record
from mnemic.formation.event_times import EventTimes
from mnemic.formation.per_session import PerSession
from mnemic.formation.per_turn import PerTurn
from mnemic.formation.segment_record import SegmentRecord
from mnemic.formation.turn_record import TurnRecord

from .formation_view import EventList, turn


def noted(event: Event) -> Record:
    return form(PerTurn() >> TurnRecord() >> EventTimes(), [event], EventList([event]).as_view()).drafts[0]


def test_mentions_are_resolved_against_the_event() -> None:
    record = noted(turn(1, "We raced last Sunday and will again in June."))
    assert [(t["text"], t["start"][:10], t["end"][:10]) for t in record.fields["times"]] == [
        ("last Sunday", "2023-05-21", "2023-05-22"),
        ("June", "2023-06-01", "2023-07-01"),
    ]


def test_the_time_of_saying_stays() -> None:
    event = turn(1, "We raced last Sunday")
    record = noted(event)
    assert record.times.event is not None
    assert record.times.event.start == event.occurred_at


def test_what_recurs_is_noted_apart() -> None:
    fields = noted(turn(1, "I swim every Monday, and swam yesterday")).fields
    assert fields["recurring"] == ["every Monday"]
    assert [t["text"] for t in fields["times"]] == ["yesterday"]


def test_no_mention_no_field() -> None:
    assert "times" not in noted(turn(1, "We raced")).fields


def test_all_turns_of_a_segment_are_read() -> None:
    events = [turn(1, "yesterday"), turn(2, "tomorrow")]
    chain = PerSession() >> SegmentRecord() >> EventTimes()
    (record,) = form(chain, events, EventList(events).as_view(), closed=True).drafts
    assert [t["text"] for t in record.fields["times"]] == ["yesterday", "tomorrow"]
