"""Keys hold the chosen parts, and the same ones however the turns came in."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mnemic.core.errors import BadInput
from mnemic.core.evidence import Event, Segment
from mnemic.core.execute import form
from mnemic.core.pipeline import Chain
from mnemic.core.record import Record
from mnemic.core.stage import Segmenter
from mnemic.formation.index_text import IndexText
from mnemic.formation.per_turn import PerTurn
from mnemic.formation.turn_record import TurnRecord
from mnemic.formation.turn_window import TurnWindow

from .formation_view import EventList, turn

TALK = [turn(1, "Did you go to Porto?", actor="Ben"), turn(2, "Yes, last week!", image="a bridge")]


def keys(index: IndexText, events: list[Event]) -> list[str]:
    formed = form(PerTurn() >> TurnRecord() >> index, events, EventList(events).as_view())
    return [draft.keys[index.key].text for draft in formed.drafts if index.key in draft.keys]


def test_the_default_key_has_date_speaker_caption_and_the_turn_before() -> None:
    assert keys(IndexText(), TALK)[1] == ("25 May 2023\nAnna: Yes, last week!\na bridge\nBen: Did you go to Porto?")


@pytest.mark.parametrize(
    ("index", "text"),
    [
        (IndexText(date=False, speaker=False, captions=False, previous=0), "Yes, last week!"),
        (IndexText(weekday=True, captions=False, previous=0), "Thursday, 25 May 2023\nAnna: Yes, last week!"),
        (IndexText(key="before", words=False, date=False, speaker=False, captions=False), "Did you go to Porto?"),
        (IndexText(key="seen", words=False, date=False, speaker=False, previous=0), "a bridge"),
    ],
)
def test_parts_are_chosen(index: IndexText, text: str) -> None:
    assert keys(index, TALK)[-1] == text


def test_a_key_without_any_part_is_not_set() -> None:
    index = IndexText(words=False, date=False, speaker=False, captions=False)
    assert keys(index, TALK[:1]) == []


def test_two_keys_side_by_side_with_their_indexes() -> None:
    chain = PerTurn() >> TurnRecord() >> IndexText(previous=0, dense=False) >> IndexText(key="full", lexical=False)
    draft = form(chain, TALK, EventList(TALK).as_view()).drafts[1]
    assert {name: key.mode for name, key in draft.keys.items()} == {"text": "l", "full": "d"}
    assert draft.value == "Yes, last week!"


def test_entities_enter_the_key() -> None:
    draft = Record(id="", kind="episodic", value="She won", entities=("serena", "wimbledon"))
    out = IndexText(entities=True, date=False).annotate(draft, Segment(()), EventList().as_view())
    assert out.keys["text"].text == "She won\nserena, wimbledon"


def test_the_turn_before_comes_from_the_same_session() -> None:
    events = [turn(1, "Elsewhere", session="s0"), turn(2, "Here")]
    formed = form(PerTurn() >> TurnRecord() >> IndexText(date=False), events[1:], EventList(events).as_view())
    assert formed.drafts[0].keys["text"].text == "Anna: Here"


def test_a_turn_not_yet_stored_finds_the_last_stored_ones() -> None:
    fresh = replace(TALK[1], seq=0)
    chain = PerTurn() >> TurnRecord() >> IndexText(date=False, captions=False)
    formed = form(chain, [fresh], EventList(TALK[:1]).as_view())
    assert formed.drafts[0].keys["text"].text == "Anna: Yes, last week!\nBen: Did you go to Porto?"


@pytest.mark.parametrize("segmenter", [PerTurn(), TurnWindow(size=3)], ids=str)
@given(
    texts=st.lists(st.sampled_from(["Hi", "Where?", "In Porto", ""]), max_size=9),
    previous=st.integers(0, 4),
)
def test_batch_and_single_turns_get_the_same_keys(segmenter: Segmenter, texts: list[str], previous: int) -> None:
    events = [turn(i, text) for i, text in enumerate(texts, 1)]
    chain = segmenter >> TurnRecord() >> IndexText(previous=previous)
    batch = form(chain, events, EventList(events).as_view(), closed=True).drafts
    assert _one_by_one(chain, events) == list(batch)


def _one_by_one(chain: Chain, events: list[Event]) -> list[Record]:
    drafts: list[Record] = []
    left: tuple[Event, ...] = ()
    for place, event in enumerate(events, 1):
        formed = form(chain, (*left, event), EventList(events[:place]).as_view())
        drafts.extend(formed.drafts)
        left = formed.left
    drafts.extend(form(chain, left, EventList(events).as_view(), closed=True).drafts)
    return drafts


def test_bad_parameters_are_named() -> None:
    with pytest.raises(BadInput, match=r"index_text\.previous"):
        IndexText(previous=-1)
    with pytest.raises(BadInput, match=r"index_text\.key"):
        IndexText(key="")
