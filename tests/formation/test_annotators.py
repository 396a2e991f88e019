"""Annotators read off what the words say, and leave the words alone."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mnemic.core.errors import BadInput
from mnemic.core.evidence import Segment, canonical
from mnemic.core.execute import form
from mnemic.core.record import Record
from mnemic.core.stage import Annotator
from mnemic.formation.event_times import EventTimes
from mnemic.formation.index_text import IndexText
from mnemic.formation.key_phrases import KeyPhrases
from mnemic.formation.named_entities import NamedEntities
from mnemic.formation.per_session import PerSession
from mnemic.formation.per_turn import PerTurn
from mnemic.formation.reported_speech import ReportedSpeech
from mnemic.formation.segment_record import SegmentRecord
from mnemic.formation.statements import Statements
from mnemic.formation.turn_record import TurnRecord

from .formation_view import EventList, turn

ANNOTATORS: list[Annotator] = [
    IndexText(entities=True), EventTimes(), NamedEntities(captions=True), KeyPhrases(), Statements(), ReportedSpeech(),
]  # fmt: skip
PIECES = """I love tea. | Anna told me that she moved to Porto last May. | from now on, call me Ben! | What? | NASA |
    tomorrow we'll go | "Clair de Lune" | @ben #fun | we used to run | two weeks ago | ' | ... | ümlaut"""
TEXTS = st.one_of(st.text(), st.lists(st.sampled_from(PIECES.split("|")), max_size=5).map(" ".join))


def annotated(annotator: Annotator, text: str, role: str = "user", image: str = "") -> Record:
    event = turn(1, text, role=role, image=image)
    (draft,) = form(PerTurn() >> TurnRecord() >> annotator, [event], EventList([event]).as_view()).drafts
    return draft


@pytest.mark.parametrize("annotator", ANNOTATORS, ids=lambda stage: stage.name)
@given(text=TEXTS)
def test_value_source_and_time_stay_and_the_outcome_is_fixed(annotator: Annotator, text: str) -> None:
    event = turn(1, text, image="a picture of Porto")
    view = EventList([event]).as_view()
    (draft,) = TurnRecord().extract(Segment((event,)), view)
    once = annotator.annotate(draft, Segment((event,)), view)
    again = annotator.annotate(draft, Segment((event,)), view)
    assert (once.value, once.sources, once.times) == (draft.value, draft.sources, draft.times)
    assert once == again
    assert Record.from_json(once.to_json()).sha == once.sha
    assert canonical(once.to_json())


@pytest.mark.parametrize("annotator", ANNOTATORS, ids=lambda stage: stage.name)
@given(text=TEXTS)
def test_annotating_twice_adds_nothing(annotator: Annotator, text: str) -> None:
    event = turn(1, text)
    view = EventList([event]).as_view()
    for draft in TurnRecord().extract(Segment((event,)), view):
        once = annotator.annotate(draft, Segment((event,)), view)
        assert annotator.annotate(once, Segment((event,)), view) == once


def test_entities_are_who_is_named_not_who_speaks() -> None:
    draft = annotated(NamedEntities(), "Hey Ben, the Café Luna is lovely")
    assert draft.actor == "Anna"
    assert draft.entities == ("ben", "cafe luna")
    assert draft.fields["names"] == {"ben": "Ben", "cafe luna": "Café Luna"}


def test_entities_of_captions_on_request() -> None:
    assert annotated(NamedEntities(), "Look", image="a view of Porto").entities == ()
    assert annotated(NamedEntities(captions=True), "Look", image="a view of Porto").entities == ("porto",)


def test_speakers_of_a_segment_are_no_entities() -> None:
    events = [turn(1, "We saw Porto"), turn(2, "And Lisbon", actor="Ben")]
    chain = PerSession() >> SegmentRecord() >> NamedEntities()
    (draft,) = form(chain, events, EventList(events).as_view(), closed=True).drafts
    assert draft.entities == ("porto", "lisbon")


def test_key_phrases_are_few_and_short() -> None:
    text = "The guide dog school is in Porto, and every guide dog there needs a patient trainer, or two trainers."
    tags = annotated(KeyPhrases(most=3, longest=3), text).tags
    assert len(tags) == 3
    assert tags[0] == "guide dog school"
    assert all(len(tag.split()) <= 3 for tag in tags)


@pytest.mark.parametrize("parameters", [{"most": 0}, {"longest": 0}])
def test_key_phrases_name_the_parameter_that_is_wrong(parameters: dict[str, Any]) -> None:
    with pytest.raises(BadInput, match=r"key_phrases\."):
        KeyPhrases(**parameters)


@pytest.mark.parametrize(
    ("text", "labels"),
    [
        ("I prefer tea.", ("preference",)),
        ("I really can't stand coffee.", ("preference",)),
        ("My favourite colour is blue.", ("preference",)),
        ("I’d rather walk.", ("preference",)),
        ("I'm allergic to nuts.", ("preference",)),
        ("I don't eat meat.", ("preference",)),
        ("I'm going to visit Porto.", ("plan",)),
        ("We're planning to adopt.", ("plan",)),
        ("Next week I will start swimming.", ("plan",)),
        ("I've been thinking about a dog.", ("plan",)),
        ("I moved to Lisbon.", ("change",)),
        ("We've just switched banks.", ("change",)),
        ("I no longer smoke.", ("change",)),
        ("I don't drink coffee any more.", ("preference", "change")),
        ("Actually, it's Tuesday.", ("change",)),
        ("I got married in May.", ("change",)),
        ("Please don't use emojis.", ("instruction",)),
        ("Always answer in French.", ("instruction",)),
        ("From now on, be brief.", ("instruction",)),
        ("Remember that my son is Tom.", ("instruction",)),
        ("Where is he?", ("question",)),
        ("I'll send you the file.", ("commitment",)),
        ("I promise.", ("commitment",)),
        ("I love tea. Shall we go?", ("preference", "question")),
        ("Would I love it?", ("question",)),
        ("Always here for you!", ()),
        ("She loves tea.", ()),
        ("The sky is blue.", ()),
    ],
)
def test_labels_of_statements(text: str, labels: tuple[str, ...]) -> None:
    draft = annotated(Statements(), text)
    assert draft.labels == labels
    assert {found["label"] for found in draft.fields.get("statements", [])} == set(labels)


def test_what_an_assistant_said_is_unconfirmed() -> None:
    assert annotated(Statements(), "I'll send it.", role="assistant").fields["unconfirmed"] is True
    assert annotated(Statements(), "Yes.", role="assistant").fields["unconfirmed"] is True
    assert "unconfirmed" not in annotated(Statements(), "I'll send it.").fields


@pytest.mark.parametrize(
    ("text", "who", "what"),
    [
        ("Maria told me that she moved.", "Maria", "she moved."),
        ("My sister said she is fine. Good!", "My sister", "she is fine."),
        ("The doctor said: rest more", "The doctor", "rest more"),
        ("Yesterday Ben Hill mentioned a new job", "Ben Hill", "a new job"),
        ("then he said yes", "he", "yes"),
    ],
)
def test_reported_speech_has_its_source(text: str, who: str, what: str) -> None:
    (report,) = annotated(ReportedSpeech(), text).fields["reported"]
    assert (report["who"], report["what"]) == (who, what)


@pytest.mark.parametrize("text", ["I said no.", "What did you say?", "She believed in volunteering.", "Nice day"])
def test_no_report_no_field(text: str) -> None:
    assert "reported" not in annotated(ReportedSpeech(), text).fields
