"""Records of turns and segments carry the words exactly as they were said."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from mnemic.core.evidence import Event, Part, Segment
from mnemic.formation.segment_record import SegmentRecord
from mnemic.formation.turn_record import TurnRecord

from .formation_view import EventList, turn

VIEW = EventList().as_view()


@given(st.text())
def test_value_is_the_text_and_the_source_points_at_all_of_it(text: str) -> None:
    event = turn(1, text)
    drafts = list(TurnRecord().extract(Segment((event,)), VIEW))
    assert [draft.value for draft in drafts] == ([text] if text.strip() else [])
    assert all(draft.sources == (event.span(0, len(text)),) for draft in drafts)


def test_a_turn_record_knows_who_when_and_where() -> None:
    event = turn(3, "Hello", actor="Ben", role="assistant", session="s9")
    (draft,) = TurnRecord().extract(Segment((event,)), VIEW)
    assert (draft.kind, draft.epistemic, draft.id) == ("episodic", "evidence", "")
    assert (draft.actor, draft.role, draft.session) == ("Ben", "assistant", "s9")
    assert draft.times.event is not None
    assert draft.times.event.start == draft.times.event.end == event.occurred_at
    assert draft.entities == ()


def test_captions_are_not_words_of_the_speaker() -> None:
    (draft,) = TurnRecord().extract(Segment((turn(1, "Look!", image="a red kite"),)), VIEW)
    assert draft.value == "Look!"
    assert draft.fields["captions"] == ["a red kite"]


def test_a_picture_without_words_is_a_turn() -> None:
    (draft,) = TurnRecord().extract(Segment((turn(1, "", image="a red kite"),)), VIEW)
    assert draft.value == "[image]"
    assert draft.fields["captions"] == ["a red kite"]


def test_tool_results_are_words() -> None:
    call = turn(1, "")
    event = Event(
        id="t1", session="s1", role="tool", parts=(Part("tool_result", "42 rows"),), occurred_at=call.occurred_at
    )
    (draft,) = TurnRecord().extract(Segment((event,)), VIEW)
    assert (draft.value, draft.role) == ("42 rows", "tool")


def test_every_turn_of_a_longer_segment_has_its_record() -> None:
    segment = Segment((turn(1, "Hi"), turn(2, "   "), turn(3, "Bye")))
    assert [draft.value for draft in TurnRecord().extract(segment, VIEW)] == ["Hi", "Bye"]


def test_segment_record_spans_the_segment() -> None:
    events = (turn(1, "Hi"), turn(2, ""), turn(4, "Bye", actor="Ben"))
    (draft,) = SegmentRecord().extract(Segment(events, compressed="greetings", topic="talk"), VIEW)
    assert draft.value == "Anna: Hi\nBen: Bye"
    assert draft.views == {"compressed": "greetings"}
    assert draft.fields["topic"] == "talk"
    assert [span.source for span in draft.sources] == ["e1", "e4"]
    assert draft.times.event is not None
    assert (draft.times.event.start, draft.times.event.end) == (events[0].occurred_at, events[2].occurred_at)
    assert (draft.actor, draft.role) == ("", "user")


def test_a_silent_segment_gives_nothing() -> None:
    assert list(SegmentRecord().extract(Segment((turn(1, " "),)), VIEW)) == []
