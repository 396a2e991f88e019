"""Graph and tree retrieval: what is reached, in what order, at what cost."""

from __future__ import annotations

import random
import time
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mnemic.context.timelines import Timelines
from mnemic.core.list_view import ListView
from mnemic.core.reading import Hit, Ranked, Sub, Where
from mnemic.core.record import Edge, Key, Record
from mnemic.core.times import Interval, Times, instant
from mnemic.retrieval.collapsed_tree import CollapsedTree
from mnemic.retrieval.entropy_router import EntropyRouter, router_weights
from mnemic.retrieval.personalised_pagerank import PersonalisedPageRank, pagerank
from mnemic.retrieval.pinned import Pinned
from mnemic.retrieval.spreading_activation import SpreadingActivation
from mnemic.retrieval.timeline_paths import TimelinePaths
from mnemic.retrieval.tree_beam import TreeBeam
from mnemic.retrieval.weibull_time import WeibullTime

from .stage_cases import NOW, ask, ids


def note(i: str, text: str = "", **more: Any) -> Record:
    return Record(id=i, kind=more.pop("kind", "note"), value=text or i, keys={"said": Key(text or i)}, **more)


def edge(src: str, dst: str, rel: str = "similar", weight: float = 1.0, told: str = "") -> Edge:
    return Edge(src=src, dst=dst, rel=rel, weight=weight, note=told)


GRAPHS = st.lists(st.tuples(st.integers(0, 7), st.integers(0, 7), st.floats(0.05, 1.0)), max_size=20)


@given(GRAPHS, st.floats(0.0, 3.0))
def test_activation_stays_between_stop_and_the_best_hit(pairs: list[tuple[int, int, float]], boost: float) -> None:
    edges = [edge(str(a), str(b), "cause", w) for a, b, w in pairs if a != b]
    view = ListView([note(str(i)) for i in range(8)], edges, now=NOW)
    hits = SpreadingActivation(boosts={"cause": boost}).expand([Hit("0", 0.4, "dense")], ask("x"), view)
    assert hits[0].score == 1.0
    assert all(0.1 < hit.score <= 1.0 for hit in hits)
    assert len(set(ids(hits))) == len(hits)


def test_a_cause_lights_up_stronger_than_a_likeness_and_dies_out() -> None:
    chain = [edge(f"c{i}", f"c{i + 1}", "similar", 0.5) for i in range(6)]
    edges = [edge("a", "effect", "cause", 0.5, "causes"), edge("a", "like", "similar", 0.5), edge("a", "c0"), *chain]
    records = [note(i) for i in ("a", "effect", "like", *(f"c{i}" for i in range(7)))]
    stage = SpreadingActivation(boosts={"causes": 2.0})
    scores = {h.id: h.score for h in stage.expand([Hit("a", 0.7, "dense")], ask("x"), ListView(records, edges))}
    assert scores["effect"] == pytest.approx(0.8)
    assert scores["like"] == pytest.approx(0.4)
    assert [i for i in scores if i.startswith("c")] == ["c0", "c1", "c2"]


def test_what_is_out_of_scope_is_not_walked_through() -> None:
    records = [note("a", session="s1"), note("b", session="s2"), note("c", session="s1")]
    view = ListView(records, [edge("a", "b"), edge("b", "c")])
    narrow = ask("x", where=Where(sessions=("s1",)))
    for stage in (SpreadingActivation(), PersonalisedPageRank()):
        assert ids(stage.expand([Hit("a", 1.0, "dense")], narrow, view)) == ["a"]


@given(GRAPHS, st.floats(0.05, 1.0))
def test_probabilities_add_up_to_one(pairs: list[tuple[int, int, float]], restart: float) -> None:
    edges = [edge(str(a), str(b), "similar", w) for a, b, w in pairs]
    ranks = pagerank([str(i) for i in range(8)], edges, {"0": 2.0, "3": 1.0}, restart)
    assert sum(ranks.values()) == pytest.approx(1.0)
    assert min(ranks.values()) >= 0.0
    if restart == 1.0:
        assert ranks["0"] == pytest.approx(2 / 3)


def test_a_record_between_two_hits_comes_before_one_beside_a_single_hit() -> None:
    edges = [edge("a", "bridge"), edge("b", "bridge"), edge("a", "aside")]
    view = ListView([note(i) for i in ("a", "b", "bridge", "aside")], edges)
    hits = PersonalisedPageRank().expand([Hit("a", 0.5, "dense"), Hit("b", 0.5, "dense")], ask("x"), view)
    order = ids(hits)
    assert order.index("bridge") < order.index("aside")
    bridge = next(hit for hit in hits if hit.id == "bridge")
    assert bridge.path == ("a", "similar")


@pytest.mark.parametrize("count", [3, 10, 30, 300])
def test_the_most_decided_list_gets_the_greatest_weight_however_long_it_is(count: int) -> None:
    peaked = [0.9] + [0.1] * (count - 1)
    medium = [0.5] * max(count // 3, 1) + [0.1] * (count - max(count // 3, 1))
    flat = [0.3] * count
    weights = router_weights([flat, medium, peaked], 0.1)
    assert weights[2] == max(weights)
    assert weights[0] == pytest.approx(0.0, abs=1e-9)
    assert sum(weights) == pytest.approx(1.0)


def test_the_published_weights_turn_the_order_round() -> None:
    peaked, medium, flat = [0.6] + [0.1] * 29, [0.4] * 10 + [0.1] * 20, [0.3] * 30
    published = router_weights([flat, medium, peaked], 0.2, normalised=False)
    assert published[0] == max(published)
    assert router_weights([flat, medium, peaked], 0.2)[2] == max(router_weights([flat, medium, peaked], 0.2))


def test_the_router_prefers_what_the_decided_list_prefers() -> None:
    whole = Ranked([Hit("a", 0.50, "dense"), Hit("b", 0.49, "dense"), Hit("c", 0.48, "dense")], "dense:whole")
    summary = Ranked([Hit("c", 0.9, "dense"), Hit("a", 0.1, "dense"), Hit("b", 0.1, "dense")], "dense:summary")
    hits = EntropyRouter().combine([whole, summary], ask("x"), ListView([]))
    assert hits[0].id == "c"
    assert hits[0].parts["weight:dense:summary"] > hits[0].parts["weight:dense:whole"]


def chain_with_a_branch() -> ListView:
    """Twelve events, each changing the one before; the fifth also leads aside."""

    def event(number: int) -> Record:
        when = instant(f"2026-01-{number + 1:02d}")
        return note(f"e{number:02d}", f"state number{number}", times=Times(event=Interval(when, when)))

    edges = [edge(f"e{n:02d}", f"e{n + 1:02d}", "changed") for n in range(11)]
    edges += [edge("e04", "aside", "same_topic"), edge("aside", "aside2", "same_topic")]
    records = [*(event(n) for n in range(12)), note("aside", "aside"), note("aside2", "aside too")]
    return ListView(records, edges, now="2026-02-01")


def test_a_timeline_runs_from_the_origin_to_the_latest_state() -> None:
    view = chain_with_a_branch()
    hits = TimelinePaths(top=1).expand([Hit("e06", 0.9, "dense")], ask("What changed?"), view)
    assert ids(hits) == [f"e{n:02d}" for n in range(12)]
    assert hits[0].path[:3] == ("e00", "changed", "e01")
    text = Timelines().build(hits, ask("What changed?", tokens=500), view).text
    assert text.index("number0") < text.index("(changed)") < text.index("number11")
    # A store of the latest alone knows the end and not where it came from.
    latest = ListView([view.get(["e11"])["e11"]])
    alone = TimelinePaths().expand([Hit("e11", 0.9, "dense")], ask("What changed?"), latest)
    assert ids(alone) == ["e11"]


def test_of_two_ways_the_one_of_change_is_taken_and_the_other_by_the_next_hit() -> None:
    view = chain_with_a_branch()
    hits = [Hit("e04", 0.9, "dense"), Hit("aside", 0.8, "dense")]
    paths = list(dict.fromkeys(hit.path for hit in TimelinePaths(top=2).expand(hits, ask("x"), view)))
    assert "aside" not in paths[0]
    assert "aside2" in paths[1]


@dataclass
class CountingView(ListView):
    """Counts how often edges are read."""

    inner: ListView
    reads: int = field(default=0)

    def __getattribute__(self, name: str) -> Any:
        if name in ("inner", "reads", "edges"):
            return object.__getattribute__(self, name)
        return getattr(object.__getattribute__(self, "inner"), name)

    def edges(self, ids: Any, **how: Any) -> list[Edge]:
        self.reads += 1
        return self.inner.edges(ids, **how)


def test_paths_are_capped_where_their_number_explodes() -> None:
    rng = random.Random(5)
    edges = [edge(f"n{n}", f"n{to}", "cause") for n in range(197) for to in sorted(rng.sample(range(n + 1, 200), 3))]
    view = CountingView(ListView([note(f"n{n}") for n in range(200)], edges))
    started = time.perf_counter()
    hits = TimelinePaths(top=1).expand([Hit("n100", 1.0, "dense")], ask("x"), view)
    assert time.perf_counter() - started < 5.0
    assert len(hits) > 3
    assert view.reads <= 2 * 7 * 12


def test_cycles_end() -> None:
    ring = [edge("a", "b", "cause"), edge("b", "c", "cause"), edge("c", "a", "cause")]
    hits = TimelinePaths().expand([Hit("b", 1.0, "dense")], ask("x"), ListView([note(i) for i in "abc"], ring))
    assert sorted(ids(hits)) == ["a", "b", "c"]
    assert len(hits[0].path) == 5


def test_the_beam_finds_the_right_leaf_and_looks_at_few() -> None:
    words = [f"word{n}" for n in range(64)]
    leaves = [note(f"leaf{n}", f"{words[n]} group{n // 8}", kind="episodic") for n in range(64)]
    labels = [note(f"top{g}", f"group{g}", kind="label", tier="level-1") for g in range(8)]
    edges = [edge(f"top{n // 8}", f"leaf{n}", "child") for n in range(64)]
    looked: list[int] = []

    class Looking(ListView):
        def vectors(self, ids: Any, *, key: str) -> Any:
            looked.append(len(ids))
            return super().vectors(ids, key=key)

    view = Looking([*labels, *leaves], edges)
    stage = TreeBeam(key="said", roots="level-1", beam=2, k=3, kinds=("episodic",))
    sub = Sub(text="word20 group2")
    hits = stage.search(sub, ask(sub.text), view)
    assert hits[0].id == "leaf20"
    assert hits[0].path == ("top2", "child")
    assert sum(looked) <= 8 + 2 * 8
    assert stage.search(Sub(text="word20", where=Where(sessions=("another",))), ask("x"), view) == []


def test_levels_do_not_compete_by_raw_cosine() -> None:
    rng = np.random.default_rng(3)
    filler = ["alpha beta gamma delta " + " ".join(f"w{rng.integers(999)}" for _ in range(12)) for _ in range(40)]
    leaves = [note(f"l{n}", text, kind="episodic", tier="tree-2") for n, text in enumerate(filler)]
    leaves.append(note("right", "alpha quince " + " ".join(f"v{n}" for n in range(12)), kind="episodic", tier="tree-2"))
    tops = [note(f"t{n}", "alpha beta quince", kind="summary", tier="tree-1") for n in range(12)]
    view = ListView([*leaves, *tops])
    sub = Sub(text="alpha quince")
    raw = ids(view.dense(sub.text, key="said", k=5, where=Where()))
    assert "right" not in raw
    assert CollapsedTree(key="said", few=10).search(sub, ask(sub.text), view)[0].id == "right"


def test_the_time_weight_is_the_same_when_all_dates_are_stretched() -> None:
    def order(days: int) -> list[str]:
        now = instant("2026-06-30")
        records = []
        for n in range(8):
            when = instant(now.timestamp() - 86_400 * days * (n + 1))
            records.append(note(f"r{n}", times=Times(event=Interval(when, when))))
        hits = [Hit(f"r{n}", 0.5 + 0.02 * n, "dense") for n in range(8)]
        return ids(WeibullTime(k=0.5).score(hits, ask("Where does she live now?"), ListView(records, now=NOW)))

    assert order(10) == order(100)
    assert order(10) != [f"r{n}" for n in reversed(range(8))]


def test_pinned_records_stay_within_scope_and_tokens() -> None:
    records = [note(f"p{n}", "word " * 20, tier="core", session="s1") for n in range(5)]
    view = ListView([*records, note("other", tier="core", session="s2"), note("found", session="s1")])
    where = Where(sessions=("s1",))
    hits = Pinned(tokens=60).expand([Hit("found", 0.5, "dense")], ask("x", where=where), view)
    assert hits[-1].id == "found"
    assert len(hits) == 3
    assert "other" not in ids(hits)
