"""Combiners: no id is lost or doubled, scores fall, and every list's part can be told."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mnemic.core.errors import BadInput
from mnemic.core.list_view import ListView
from mnemic.core.reading import Hit, Ranked
from mnemic.core.record import Record
from mnemic.core.stage import Combiner
from mnemic.retrieval.interleave import Interleave
from mnemic.retrieval.per_kind import PerKind
from mnemic.retrieval.rrf import ReciprocalRankFusion
from mnemic.retrieval.weighted_sum import WeightedSum

from .stage_cases import ask

IDS = "abcdefgh"
COMBINERS = (
    ReciprocalRankFusion(),
    WeightedSum(),
    WeightedSum("zscore"),
    WeightedSum("theoretical"),
    WeightedSum("quantile"),
    PerKind(),
    Interleave(),
)


@st.composite
def ranked_lists(draw: st.DrawFn) -> list[Ranked]:
    lists = []
    for number in range(draw(st.integers(0, 4))):
        chosen = draw(st.lists(st.sampled_from(IDS), unique=True))
        scores = sorted(draw(st.lists(st.floats(-5, 5), min_size=len(chosen), max_size=len(chosen))), reverse=True)
        hits = [Hit(i, score, f"c{number}", {"raw": score}) for i, score in zip(chosen, scores, strict=True)]
        sub = draw(st.integers(0, 2))
        lists.append(Ranked(hits, f"c{number}()", sub, draw(st.floats(0.1, 2))))
    return lists


@pytest.mark.parametrize("combiner", COMBINERS, ids=str)
@given(lists=ranked_lists())
def test_ids_are_kept_once_and_scores_fall(combiner: Combiner, lists: list[Ranked]) -> None:
    view = ListView(Record(id=i, kind="episodic" if i < "d" else "semantic", value=i) for i in IDS)
    hits = combiner.combine(lists, ask(""), view)
    wanted = {hit.id for ranked in lists for hit in ranked.hits}
    assert sorted(hit.id for hit in hits) == sorted(wanted)
    scores = [hit.score for hit in hits]
    assert scores == sorted(scores, reverse=True)


@pytest.mark.parametrize("combiner", COMBINERS, ids=str)
@given(lists=ranked_lists())
def test_every_list_that_found_a_record_is_named_in_its_parts(combiner: Combiner, lists: list[Ranked]) -> None:
    view = ListView(Record(id=i, kind="episodic", value=i) for i in IDS)
    hits = {hit.id: hit for hit in combiner.combine(lists, ask(""), view)}
    for ranked in lists:
        name = f"{ranked.channel}#{ranked.sub}" if ranked.sub else ranked.channel
        assert all(name in hits[hit.id].parts for hit in ranked.hits)


@given(lists=ranked_lists())
def test_the_score_of_a_sum_is_the_sum_of_its_parts(lists: list[Ranked]) -> None:
    for combiner in (ReciprocalRankFusion(), WeightedSum()):
        for hit in combiner.combine(lists, ask(""), ListView([])):
            assert hit.score == pytest.approx(sum(value for name, value in hit.parts.items() if "()" in name))


@given(lists=ranked_lists())
def test_combining_leaves_the_lists_as_they_were(lists: list[Ranked]) -> None:
    before = [hit.to_json() for ranked in lists for hit in ranked.hits]
    for combiner in COMBINERS:
        combiner.combine(lists, ask(""), ListView([]))
    assert [hit.to_json() for ranked in lists for hit in ranked.hits] == before


def test_weights_tip_the_balance() -> None:
    def lists(weight: float) -> list[Ranked]:
        return [
            Ranked([Hit("a", 9, "x"), Hit("b", 1, "x")], "x()"),
            Ranked([Hit("b", 9, "y"), Hit("a", 1, "y")], "y()", weight=weight),
        ]

    for combiner in (ReciprocalRankFusion(), WeightedSum()):
        assert combiner.combine(lists(0.5), ask(""), ListView([]))[0].id == "a"
        assert combiner.combine(lists(2.0), ask(""), ListView([]))[0].id == "b"


def test_a_path_is_kept() -> None:
    found = [Ranked([Hit("a", 1, "x")], "x()"), Ranked([Hit("a", 1, "y", {}, ("b", "cause"))], "y()")]
    [hit] = ReciprocalRankFusion().combine(found, ask(""), ListView([]))
    assert hit.path == ("b", "cause")
    assert hit.channel == "x+y"


def test_a_theoretical_floor_does_not_move_with_the_length_of_the_list() -> None:
    def scores(count: int, part: str) -> list[float]:
        found = [Hit(str(i), 0.9 - i / 10, "any", {part: 0.9 - i / 10}) for i in range(count)]
        hits = WeightedSum("theoretical").combine([Ranked(found, "any()")], ask(""), ListView([]))
        return [hit.score for hit in hits[:3]]

    assert scores(3, "bm25") == scores(8, "bm25") == pytest.approx([1.0, 8 / 9, 7 / 9])
    # A cosine is never 0, so its floor is the least one of the list.
    assert scores(3, "cosine") == pytest.approx([1.0, 0.5, 0.0])


def test_per_kind_holds_its_quotas() -> None:
    view = ListView(Record(id=i, kind="episodic" if i < "f" else "semantic", value=i) for i in IDS)
    lists = [Ranked([Hit(i, 10 - n, "x") for n, i in enumerate(IDS)], "x()")]
    hits = PerKind(quota=1, quotas={"episodic": 2}).combine(lists, ask(""), view)
    assert [hit.id for hit in hits] == ["a", "f", "b"]


def test_an_unknown_calibration_is_refused() -> None:
    with pytest.raises(BadInput, match=r"weighted_sum\.normalise: 'softmax'"):
        WeightedSum("softmax")
