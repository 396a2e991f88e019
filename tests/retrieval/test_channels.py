"""Channels: what each one finds, and that none looks outside its scope."""

from __future__ import annotations

import pytest

from mnemic.core.errors import BadInput
from mnemic.core.list_view import ListView
from mnemic.core.reading import Sub, Where
from mnemic.core.stage import Channel
from mnemic.retrieval.by_session import BySession
from mnemic.retrieval.dense import Dense
from mnemic.retrieval.during import During
from mnemic.retrieval.entity import Entity
from mnemic.retrieval.everything import Everything
from mnemic.retrieval.lexical import Lexical
from mnemic.retrieval.recent import Recent
from mnemic.retrieval.tagged import Tagged

from .stage_cases import TALK, ask, ids, talk

CHANNELS = (Dense(), Lexical(window=3), Entity(), During(), Recent(), Everything(), BySession())


@pytest.mark.parametrize("channel", CHANNELS, ids=str)
def test_hits_are_sorted_distinct_and_carry_the_channel(channel: Channel) -> None:
    query = ask("Did Clara start pottery in June 2026?")
    hits = channel.search(Sub(text=query.text), query, talk())
    assert hits
    assert len(set(ids(hits))) == len(hits)
    assert [hit.score for hit in hits] == sorted((hit.score for hit in hits), reverse=True)
    assert {hit.channel for hit in hits} == {channel.name}


@pytest.mark.parametrize("channel", CHANNELS, ids=str)
def test_no_channel_leaves_the_scope(channel: Channel) -> None:
    query = ask("Did Clara start pottery in June 2026?")
    hits = channel.search(Sub(text=query.text, where=Where(sessions=("s1",))), query, talk())
    assert set(ids(hits)) <= {"r00", "r01", "r02"}


@pytest.mark.parametrize(
    "channel",
    [Dense(kinds=("note",)), Lexical(kinds=("note",)), Entity(kinds=("note",)), Recent(kinds=("note",))],
    ids=str,
)
def test_kinds_narrow_the_scope_and_never_widen_it(channel: Channel) -> None:
    view = ListView([*TALK, TALK[3].with_(id="n1", kind="note")])
    query = ask("Who is in the pottery class with Clara?")
    assert ids(channel.search(Sub(text=query.text), query, view)) == ["n1"]
    assert channel.search(Sub(text=query.text, where=Where(kinds=("episodic",))), query, view) == []


def test_lexical_finds_an_answer_by_the_words_around_it() -> None:
    query = ask("Is the flat in Lisbon big?")
    alone = Lexical(k=9).search(Sub(text=query.text), query, talk())
    near = Lexical(k=9, window=3).search(Sub(text=query.text), query, talk())
    assert "r02" not in ids(alone)
    assert "r02" in ids(near)


def test_entities_of_the_plan_go_before_names_in_the_words() -> None:
    query = ask("Where does Lisbon lie?")
    sub = Sub(text=query.text, entities=("Clara",))
    assert ids(Entity().search(sub, query, talk())) == ["r03"]


def test_during_reads_the_words_when_no_plan_set_an_interval() -> None:
    query = ask("What happened in May?")
    assert ids(During().search(Sub(text=query.text), query, talk())) == ["r00", "r01", "r02"]
    assert During().search(Sub(text="What happened?"), query, talk()) == []


def test_recent_is_newest_first_and_everything_in_time_order() -> None:
    query = ask("")
    assert ids(Recent(k=2).search(Sub(text=""), query, talk())) == ["r05", "r04"]
    assert ids(Everything().search(Sub(text=""), query, talk())) == [record.id for record in TALK]


def test_by_session_gives_whole_sessions_found_turns_first() -> None:
    query = ask("pottery")
    hits = BySession(sessions=1).search(Sub(text="pottery"), query, talk())
    assert set(ids(hits)) == {"r03", "r04", "r05"}
    assert ids(hits)[-1] == "r05"


def test_by_session_max_prefers_one_good_turn_to_many_fair_ones() -> None:
    view = ListView(
        [
            TALK[0].with_(id="a", session="one", keys=TALK[3].keys),
            *(TALK[0].with_(id=f"b{i}", session="many", keys=TALK[4].keys) for i in range(5)),
        ]
    )
    query = ask("Who started a pottery class with Clara?")
    best = {
        pool: BySession(Dense(), pool=pool, sessions=1).search(Sub(text=query.text), query, view)[0].id
        for pool in ("sum", "max")
    }
    assert best == {"sum": "b0", "max": "a"}


def test_tagged_takes_labels_and_refuses_other_fields() -> None:
    view = ListView([TALK[0].with_(labels=("home",))])
    query = ask("Anything about home?")
    assert ids(Tagged(field="label").search(Sub(text=query.text), query, view)) == ["r00"]
    with pytest.raises(BadInput, match=r"tagged\.field"):
        Tagged(field="colour")
    with pytest.raises(BadInput, match=r"by_session\.pool"):
        BySession(pool="mean")
