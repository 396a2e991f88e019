"""The list view: the reference answers of every primitive search."""

from __future__ import annotations

import math

import pytest

from mnemic.core.errors import ModelUnavailable
from mnemic.core.evidence import Event, Part
from mnemic.core.list_view import ListTools, ListView
from mnemic.core.reading import Where
from mnemic.core.record import Edge, Key, Record
from mnemic.core.times import Interval, Times, instant


def turn(number: int, text: str, *, session: str = "s1", day: int = 1, **more: object) -> Record:
    when = instant(f"2026-05-{day:02d}")
    record = Record(
        id=f"r{number}",
        kind="episodic",
        value=text,
        keys={"turn": Key(text)},
        session=session,
        times=Times(event=Interval(when, when)),
    )
    return record.with_(**more)


def test_bm25_is_the_formula() -> None:
    view = ListView([turn(0, "green tea tea"), turn(1, "coffee"), turn(2, "tea house walk dog")])
    [first, second] = view.lexical("tea", key="turn", k=9, where=Where())
    idf = math.log(1 + (3 - 2 + 0.5) / (2 + 0.5))
    average = 8 / 3

    def expected(tf: int, length: int) -> float:
        return idf * tf * 2.2 / (tf + 1.2 * (0.25 + 0.75 * length / average))

    assert (first.id, second.id) == ("r0", "r2")
    assert first.score == pytest.approx(expected(2, 3))
    assert second.score == pytest.approx(expected(1, 4))


def test_bm25_counts_a_repeated_question_word_once() -> None:
    view = ListView([turn(0, "green tea"), turn(1, "coffee")])
    once = view.lexical("tea", key="turn", k=1, where=Where())
    again = view.lexical("tea tea tea", key="turn", k=1, where=Where())
    assert once == again


def test_window_lends_words_of_neighbouring_turns_within_the_session() -> None:
    view = ListView(
        [turn(0, "Do you like tea?"), turn(1, "Yes, indeed"), turn(2, "Good"), turn(3, "Rain", session="s2")]
    )
    alone = view.lexical("tea", key="turn", k=9, where=Where())
    near = view.lexical("tea", key="turn", k=9, where=Where(), window=1)
    assert [hit.id for hit in alone] == ["r0"]
    assert [hit.id for hit in near] == ["r0", "r1"]
    assert near[0].score > near[1].score


def test_other_keys_add_their_words() -> None:
    dated = turn(0, "We walked").with_(keys={"turn": Key("We walked"), "stamp": Key("8 May 2023", dense=False)})
    view = ListView([dated, turn(1, "We walked")])
    hits = view.lexical("walked in May", key="turn", k=9, where=Where(), also=("stamp",))
    assert [hit.id for hit in hits] == ["r0", "r1"]
    assert hits[0].score > hits[1].score


def test_equal_scores_keep_the_order_of_arrival() -> None:
    view = ListView(turn(i, "tea") for i in range(5))
    assert [hit.id for hit in view.lexical("tea", key="turn", k=3, where=Where())] == ["r0", "r1", "r2"]
    assert [hit.id for hit in view.dense("tea", key="turn", k=3, where=Where())] == ["r0", "r1", "r2"]


@pytest.mark.parametrize(
    ("where", "found"),
    [
        (Where(), ["r0", "r1", "r2"]),
        (Where(kinds=("semantic",)), ["r2"]),
        (Where(states=("archived",)), ["r3"]),
        (Where(secrets=True), ["r0", "r1", "r2", "r4"]),
        (Where(sessions=("s2",)), ["r1"]),
        (Where(actors=("Anna",)), ["r0"]),
        (Where(roles=("user",)), ["r0"]),
        (Where(entities=("BEN",)), ["r1"]),
        (Where(tags=("tea",), labels=("x",)), []),
        (Where(epistemic=("inference",)), ["r2"]),
        (Where(tiers=("cold",)), ["r1"]),
        (Where(during=Interval(instant("2026-05-02"), instant("2026-05-03"))), ["r1"]),
    ],
)
def test_filters(where: Where, found: list[str]) -> None:
    view = ListView(
        [
            turn(0, "a", actor="Anna", role="user", tags=("tea",)),
            turn(1, "b", session="s2", day=2, entities=("Ben",), tier="cold"),
            turn(2, "c", day=3, kind="semantic", epistemic="inference"),
            turn(3, "d", state="archived"),
            turn(4, "e", day=4, kind="secret"),
        ]
    )
    assert [record.id for record in view.scan(where)] == found
    assert view.count(where) == len(found)


def test_neighbours_are_evidence_of_the_session_in_time_order() -> None:
    view = ListView(
        [
            turn(0, "c", day=3),
            turn(1, "a", day=1),
            turn(2, "b", day=2),
            turn(3, "other", session="s2", day=2),
            turn(4, "fact", day=2, kind="semantic", epistemic="inference"),
        ]
    )
    assert view.neighbours(["r2", "r1", "r3"]) == {"r2": ["r1", "r0"], "r1": ["r2"], "r3": []}
    assert view.neighbours(["r0"], before=5, after=0) == {"r0": ["r1", "r2"]}


def test_during_looks_at_events_and_at_times_mentioned() -> None:
    mentioned = {"times": [{"start": "2026-07-01", "end": "2026-08-01"}]}
    view = ListView([turn(0, "a", day=9), turn(1, "b", fields=mentioned)])
    july = Interval(instant("2026-07-01"), instant("2026-07-11"))
    assert [(hit.id, hit.score) for hit in view.during(july, k=9, where=Where())] == [("r1", 1.0)]


def test_shown_ids_are_those_given_out() -> None:
    view = ListView([turn(0, "tea"), turn(1, "rain")], [Edge(src="r0", dst="r1", rel="next")])
    view.count(Where())
    assert view.shown == set()
    view.lexical("tea", key="turn", k=5, where=Where())
    assert view.shown == {"r0"}
    view.edges(["r0"])
    assert view.shown == {"r0", "r1"}


def test_edges_by_direction_and_relation() -> None:
    edges = [Edge(src="r0", dst="r1", rel="next"), Edge(src="r1", dst="r2", rel="cause")]
    view = ListView([turn(i, "x") for i in range(3)], edges)
    assert view.edges(["r1"]) == [edges[1]]
    assert view.edges(["r1"], direction="in") == [edges[0]]
    assert view.edges(["r1"], direction="both", rels=("next",)) == [edges[0]]


def test_session_events_before_and_last() -> None:
    events = [
        Event(id=f"e{i}", session="s", role="user", parts=(Part("text", str(i)),), occurred_at=instant(i), seq=i)
        for i in (3, 1, 2)
    ]
    view = ListView([], events=events)
    assert [event.id for event in view.session_events("s")] == ["e1", "e2", "e3"]
    assert [event.id for event in view.session_events("s", before=3, last=1)] == ["e2"]
    assert view.session_events("s", last=0) == []


def test_facts_count_current_values() -> None:
    view = ListView([turn(0, "a", entities=("Ben", "Ben")), turn(1, "b", entities=("ben",), state="archived")])
    assert view.facts("entity") == {"ben": 1}


def test_tools_are_seeded_and_scripted() -> None:
    assert ListTools(seed=3).rng.random() == ListTools(seed=3).rng.random()
    with pytest.raises(ModelUnavailable, match="no answer is scripted for task 'judge'"):
        ListTools().ask("judge", {"question": "", "expected": "", "answer": ""})
