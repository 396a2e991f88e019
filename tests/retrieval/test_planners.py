"""Planners: what is searched for a question, and when."""

from __future__ import annotations

import pytest

from mnemic.core.list_view import ListView
from mnemic.core.pipeline import stage_from_data
from mnemic.core.reading import Where
from mnemic.retrieval.bare_question import BareQuestion
from mnemic.retrieval.split_question import SplitQuestion, split
from mnemic.retrieval.time_cues import TimeCues
from mnemic.retrieval.whole_question import WholeQuestion

from .stage_cases import TALK, ask, talk


@pytest.mark.parametrize(
    ("question", "parts"),
    [
        ("Where does Anna live?", []),
        ("When did Anna Weber and Ben meet?", ["When did Anna Weber meet?", "When did Ben meet?"]),
        ("Did both Anna and Ben go?", ["Did Anna go?", "Did Ben go?"]),
        ("What do Anna, Ben, and Clara share?", ["What do Anna share?", "What do Ben share?", "What do Clara share?"]),
        ("Was it Anna as well as Ben?", ["Was it Anna?", "Was it Ben?"]),
        ("Does she like tea or coffee?", ["Does she like tea?", "Does she like coffee?"]),
        (
            "How much did she pay for the bag, the red shoes and a hat?",
            [
                "How much did she pay for the bag?",
                "How much did she pay for the red shoes?",
                "How much did she pay for a hat?",
            ],
        ),
        ("Where did she go and what did she buy?", ["Where did she go", "what did she buy?"]),
        ("I lost my keys. Where are they?", ["I lost my keys.", "Where are they?"]),
        ("Is it true or not?", []),
        ("", []),
    ],
)
def test_split(question: str, parts: list[str]) -> None:
    assert split(question) == parts


def test_parts_follow_the_whole_with_less_weight_in_its_scope() -> None:
    query = ask("What do Anna and Ben like?", where=Where(sessions=("s2",)))
    subs = SplitQuestion(weight=0.5).plan(query, talk())
    assert [(sub.text, sub.weight) for sub in subs] == [
        (query.text, 1.0),
        ("What do Anna like?", 0.5),
        ("What do Ben like?", 0.5),
    ]
    assert {sub.where for sub in subs} == {query.where}


def test_a_named_time_becomes_the_interval() -> None:
    [sub] = TimeCues().plan(ask("What happened in May?"), talk())
    assert sub.interval is not None
    assert sub.interval.to_json() == ["2026-05-01T00:00:00+00:00", "2026-06-01T00:00:00+00:00"]


@pytest.mark.parametrize(("side", "start"), [("before", False), ("until", False), ("after", True), ("since", True)])
def test_an_event_anchors_the_interval(side: str, start: bool) -> None:
    [sub] = TimeCues().plan(ask(f"What did Anna do {side} they moved to Lisbon?"), talk())
    assert sub.interval is not None
    assert sub.facets["anchor"] == "r00"
    moved = TALK[0].times.event
    assert moved is not None
    assert (sub.interval.start if start else sub.interval.end) == moved.start


def test_an_event_that_is_not_found_anchors_nothing() -> None:
    [sub] = TimeCues().plan(ask("What did Anna do before the wedding?"), ListView([]))
    assert sub.interval is None


@pytest.mark.parametrize(
    ("question", "asks"),
    [
        ("When did they move?", True),
        ("How long ago did they move?", True),
        ("Which year did they move?", True),
        ("How many days ago did they move?", True),
        ("Where did they move?", False),
    ],
)
def test_a_question_for_a_time_is_known_as_such(question: str, asks: bool) -> None:
    [sub] = TimeCues().plan(ask(question), talk())
    assert bool(sub.facets.get("asks_time")) is asks
    assert sub.interval is None


def test_planners_nest_and_go_to_plain_data_and_back() -> None:
    planner = TimeCues(inner=SplitQuestion())
    subs = planner.plan(ask("What did Anna and Ben do in May?"), talk())
    assert len(subs) == 3
    assert all(sub.interval == subs[0].interval is not None for sub in subs)
    assert str(planner) == "time_cues(inner=split_question())"
    assert stage_from_data({"stage": "time_cues", "inner": {"stage": "split_question"}}) == planner
    assert TimeCues().inner == WholeQuestion()


@pytest.mark.parametrize(
    ("question", "searched"),
    [
        ("Could you please help me list the hikes Anna planned, in order?", "list the hikes Anna planned ?"),
        ("Hi, can you remind me of Clara's pottery studio?", "Clara's pottery studio?"),
        ("Where does Anna live?", "Where does Anna live?"),
        ("Can you please help me?", "Can you please help me?"),
    ],
)
def test_the_frame_of_a_question_is_not_searched_for(question: str, searched: str) -> None:
    [sub] = BareQuestion().plan(ask(question), talk())
    assert sub.text == searched
