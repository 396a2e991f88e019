"""Metrics against values worked out by hand, and what must hold for every ranking."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mnemic.bench.facade import Found
from mnemic.bench.metrics import (
    BudgetError,
    cited_events,
    context_tokens,
    coverage,
    event_ranking,
    held_shares,
    ndcg_at,
    recall_at,
    reciprocal_rank,
)
from mnemic.core.evidence import Span
from mnemic.core.reading import Block, Citation, Context, Cost, Hit
from mnemic.core.record import Record

RANKING = ["a", "g1", "b", "g2", "c", "d", "g3"]
GOLD = {"g1", "g2", "g3", "never found"}


def found(name: str, *events: str) -> Found:
    record = Record(id=name, kind="episodic", value="", sources=tuple(Span(event) for event in events))
    return Found(record, Hit(name, 1.0, "lexical"))


def test_recall_by_hand() -> None:
    assert recall_at(RANKING, GOLD, 1) == 0
    assert recall_at(RANKING, GOLD, 5) == 2 / 4
    assert recall_at(RANKING, GOLD, 10) == 3 / 4


def test_reciprocal_rank_by_hand() -> None:
    assert reciprocal_rank(RANKING, GOLD) == 1 / 2
    assert reciprocal_rank(["a"], GOLD) == 0


def test_ndcg_by_hand() -> None:
    gained = 1 / math.log2(3) + 1 / math.log2(5) + 1 / math.log2(8)
    best = 1 + 1 / math.log2(3) + 1 / math.log2(4) + 1 / math.log2(5)
    assert ndcg_at(RANKING, GOLD, 10) == pytest.approx(gained / best)
    # With more gold than places, the best possible ranking fills the places.
    assert ndcg_at(["g1", "g2"], GOLD, 2) == 1


def test_a_record_of_many_events_fills_many_places() -> None:
    ranking = event_ranking([found("r1", "e3", "e1"), found("r2", "e1", "e2"), found("r3")])
    assert ranking == ["e3", "e1", "e2"]


def test_coverage_counts_each_cited_event_once() -> None:
    lines = tuple(
        Citation(i, "r", events, None, "", Hit("r", 1.0, "x")) for i, events in enumerate([("e1",), ("e1", "e2")])
    )
    assert cited_events(Context(citations=lines)) == ("e1", "e2")
    assert coverage(("e1", "e2"), {"e2", "e3", "e4"}) == 1 / 3


@pytest.mark.parametrize(("text", "told"), [("one two three four", 1), ("one", 4)])
def test_a_context_over_its_budget_stops_the_run(text: str, told: int) -> None:
    context = Context((Block("memory", text),), cost=Cost(tokens=told))
    assert context_tokens(context, 4, lambda text: len(text.split())) == 4
    with pytest.raises(BudgetError, match="budget of 3"):
        context_tokens(context, 3, lambda text: len(text.split()))


events = st.lists(st.integers(0, 30).map(str), unique=True, max_size=25)


@given(ranking=events, gold=st.sets(st.integers(0, 30).map(str), min_size=1))
def test_bounds_and_monotony(ranking: list[str], gold: set[str]) -> None:
    recalls = [recall_at(ranking, gold, k) for k in range(1, 31)]
    assert recalls == sorted(recalls)
    assert 0 <= recalls[-1] <= 1
    assert 0 <= ndcg_at(ranking, gold, 10) <= 1 + 1e-9
    assert (reciprocal_rank(ranking, gold) > 0) == (recalls[-1] > 0)


@given(ranking=events, gold=st.sets(st.integers(0, 30).map(str), min_size=1))
def test_gold_in_front_is_perfect(ranking: list[str], gold: set[str]) -> None:
    best = [*gold, *(event for event in ranking if event not in gold)]
    assert ndcg_at(best, gold, 10) == pytest.approx(1)
    assert reciprocal_rank(best, gold) == 1
    assert recall_at(best, gold, len(gold)) == 1


def test_one_line_that_cites_a_whole_history_does_not_cover_it() -> None:
    events = tuple(f"e{i}" for i in range(400))
    hit = Hit("r", 1.0, "x")
    context = Context((Block("memory", "[1] " + "word " * 400),), (Citation(1, "r", events, None, "", hit),))
    shares = held_shares(context, dict.fromkeys(events, 30), lambda text: len(text.split()))
    # 401 words at a quarter of the length hold what 53 of the 400 events of 30 words say.
    assert shares["e7"] == pytest.approx(4 * 401 / 30 / 400)
    assert coverage(events, {"e7", "x"}, shares) == pytest.approx(shares["e7"] / 2)


def test_a_line_that_tells_what_it_cites_covers_it() -> None:
    hit = Hit("r", 1.0, "x")
    lines = (Citation(1, "r1", ("e1",), None, "", hit), Citation(2, "r2", ("e2", "e3"), None, "", hit))
    context = Context((Block("memory", "[1] She\n[2] We moved\n  to Lisbon in May"),), lines)
    sizes = {"e1": 500, "e2": 8, "e3": 8}
    assert held_shares(context, sizes, lambda text: len(text.split())) == {"e1": 1.0, "e2": 1.0, "e3": 1.0}


def test_an_event_has_the_largest_share_of_its_lines() -> None:
    hit = Hit("r", 1.0, "x")
    lines = (Citation(1, "r1", ("e1", "e2"), None, "", hit), Citation(2, "r2", ("e1",), None, "", hit))
    context = Context((Block("memory", "[1] So\n[2] We moved"),), lines)
    assert held_shares(context, {"e1": 80, "e2": 80}, lambda text: len(text.split())) == {"e1": 1.0, "e2": 0.5}
