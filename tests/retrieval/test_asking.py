"""Stages of retrieval that ask a language model: what they refuse, and that they end."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mnemic.context.within_budget import WithinBudget
from mnemic.core.errors import BadInput
from mnemic.core.evidence import Event, Part
from mnemic.core.list_view import ListTools, ListView
from mnemic.core.pipeline import Chain, Recipe
from mnemic.core.reading import Hit, Query, Sub, Where
from mnemic.core.record import Key, Record
from mnemic.core.times import instant
from mnemic.formation.per_turn import PerTurn
from mnemic.formation.turn_record import TurnRecord
from mnemic.retrieval.chosen import Chosen
from mnemic.retrieval.dense import Dense
from mnemic.retrieval.graded import Graded
from mnemic.retrieval.lexical import Lexical
from mnemic.retrieval.planned import Planned
from mnemic.retrieval.quoted import Quoted
from mnemic.retrieval.research import Research
from mnemic.retrieval.rounds import Rounds

TEXTS = ["It rained. Anna drank green tea.", "Dogs bark at night.", "Clara moved to Porto.", "The tea was cold."]
ALIASES = st.lists(st.sampled_from(["0", "1", "2", "3", "7", "-1", "x", ""]), max_size=6)


def view_of(**answers: Any) -> ListView:
    turns = [
        Event(id=f"e{i}", session="s", role="user", parts=(Part("text", text),), occurred_at=instant("2026-06-02"))
        for i, text in enumerate(TEXTS)
    ]
    records = [
        Record(id=f"r{i}", kind="note", value=text, keys={"turn": Key(text)}, sources=(turns[i].span(),))
        for i, text in enumerate(TEXTS)
    ]
    return ListView(records, events=turns, tools=ListTools(answers=answers))


def query(view: ListView, text: str = "Which tea?") -> Query:
    return Query(text=text, asked_at=view.now)


HITS = [Hit(f"r{i}", 1.0 - i / 10, "dense") for i in range(len(TEXTS))]


@given(told=ALIASES)
def test_what_is_chosen_was_shown_and_is_chosen_once(told: list[str]) -> None:
    view = view_of(choose=lambda inputs: {"chosen": told})
    found = Chosen(most=2, of=3).filter(list(HITS), query(view), view)
    ids = [hit.id for hit in found]
    assert len(ids) == len(set(ids)) <= 2
    assert set(ids) <= {"r0", "r1", "r2"}


def test_at_most_so_many_stubs_are_shown() -> None:
    seen: list[int] = []

    def count(inputs: Mapping[str, Any]) -> dict[str, Any]:
        seen.append(len(inputs["options"]))
        return {"chosen": []}

    view = view_of(choose=count)
    assert Chosen(of=2).filter(list(HITS), query(view), view) == []
    assert seen == [2]
    assert Chosen().filter([], query(view), view) == []
    assert seen == [2]


def test_a_quotation_is_word_for_word_or_the_record_stands_whole() -> None:
    told = [{"alias": "0", "text": "Anna drank green tea."}, {"alias": "3", "text": "The tea was hot."}]
    view = view_of(quote=lambda inputs: {"quotes": [*told, {"alias": "9", "text": "Nothing."}]})
    found = Quoted().filter(list(HITS), query(view), view)
    assert [(hit.id, hit.text) for hit in found] == [("r0", "Anna drank green tea."), ("r3", "")]
    context = WithinBudget().build(found, query(view), view)
    assert "It rained" not in context.text
    assert "The tea was cold." in context.text
    assert view.get(["r0"])["r0"].value == TEXTS[0]


def test_nothing_quoted_leaves_nothing_unless_it_is_to_stay() -> None:
    view = view_of(quote=lambda inputs: {"quotes": []})
    assert Quoted().filter(list(HITS), query(view), view) == []
    assert Quoted(keep=True).filter(list(HITS), query(view), view) == HITS


@given(grades=st.lists(st.tuples(st.sampled_from(["0", "1", "9"]), st.floats(-5, 20)), max_size=5))
def test_grades_order_what_was_shown(grades: list[tuple[str, float]]) -> None:
    view = view_of(grade=lambda inputs: {"grades": [{"alias": a, "grade": g} for a, g in grades]})
    found = Graded(top=3, batch=2, keep=4).score(list(HITS), query(view), view)
    assert {hit.id for hit in found} == {"r0", "r1", "r2"}
    scores = [hit.score for hit in found]
    assert scores == sorted(scores, reverse=True)
    assert all(0 <= score <= 1 for score in scores)


@given(missing=st.lists(st.sampled_from(["tea", "Porto", "dogs", "rain"]), max_size=3), rounds=st.integers(1, 5))
def test_rounds_end_and_keep_what_they_found(missing: list[str], rounds: int) -> None:
    calls: list[str] = []

    def check(inputs: Mapping[str, Any]) -> dict[str, Any]:
        calls.append(inputs["context"])
        return {"enough": False, "missing": missing}

    view = view_of(check_enough=check)
    found = Rounds(Chain.of(Lexical()), rounds=rounds).search(Sub(text="Which tea?"), query(view), view)
    assert len(calls) < rounds or rounds == 1
    ids = [hit.id for hit in found]
    assert len(ids) == len(set(ids))
    assert {"r0", "r3"} <= set(ids)


def test_further_rounds_stay_in_the_scope_of_the_first() -> None:
    view = view_of(check_enough=lambda inputs: {"enough": False, "missing": ["Porto"]})
    scope = Where(ids=("r0",))
    for stage in (Rounds(Chain.of(Lexical())), Rounds(Chain.of(Dense()))):
        found = stage.search(Sub(text="Which tea?", where=scope), query(view), view)
        assert [hit.id for hit in found] == ["r0"]


def test_plans_stay_in_the_scope_of_the_question_and_ask_each_text_once() -> None:
    view = view_of(
        plan_queries=lambda inputs: {"queries": ["Which tea?", "Porto", "Porto"], "keywords": ["tea", "pot"]}
    )
    asked = Query(text="Which tea?", asked_at=view.now, where=Where(kinds=("note",)))
    subs = Planned(keywords=True, weight=0.5).plan(asked, view)
    assert [(sub.text, sub.weight) for sub in subs] == [("Which tea?", 1.0), ("Porto", 0.5), ("tea pot", 0.5)]
    assert all(sub.where == asked.where for sub in subs)


def test_research_never_opens_what_is_out_of_scope() -> None:
    def everything(inputs: Mapping[str, Any]) -> dict[str, Any]:
        return {"pages": [page["alias"] for page in inputs["map"]], "queries": ["tea"], "words": ["Porto"]}

    answers = {
        "plan_research": everything,
        "integrate": lambda inputs: {"notes": [{"alias": p["alias"], "text": p["text"]} for p in inputs["pages"]]},
        "check_enough": lambda inputs: {"enough": True},
    }
    view = view_of(**answers)
    stage = Research(queries=Chain.of(Dense()), words=Chain.of(Lexical()), kinds=("note",))
    found = stage.search(Sub(text="tea", where=Where(ids=("r0", "r2"))), query(view), view)
    assert {hit.id for hit in found} == {"r0", "r2"}
    assert stage.search(Sub(text="tea", where=Where(kinds=("page",))), query(view), view) == []


def test_a_loop_shows_what_is_in_it_and_goes_to_toml_and_back() -> None:
    recipe = Recipe(
        name="x",
        summary="",
        formation=PerTurn() >> TurnRecord(),
        retrieval=Rounds(Dense(key="said") >> Quoted(), rounds=2) >> WithinBudget(),
    )
    assert Recipe.from_toml(recipe.to_toml()) == recipe
    assert "rounds(inner=dense(key='said') >> quoted(), rounds=2)" in str(recipe)
    assert recipe.needs() == ("embedder", "language-model")
    assert recipe.asks() == ("check_enough", "quote")


def test_parameters_out_of_range_are_refused() -> None:
    for make in (
        lambda: Rounds(),
        lambda: Rounds(Chain.of(Dense()), rounds=0),
        lambda: Chosen(most=0),
        lambda: Graded(batch=0),
        lambda: Planned(most=0),
        lambda: Research(rounds=0),
    ):
        with pytest.raises(BadInput):
            make()
