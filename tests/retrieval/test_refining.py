"""Scorers, expanders and filters: what each one does to a list of hits."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mnemic.core.errors import BadInput
from mnemic.core.list_view import ListTools, ListView
from mnemic.core.reading import Hit, Where
from mnemic.core.record import Edge, Key
from mnemic.core.stage import Expander, Filter, Scorer
from mnemic.retrieval.cross_encoder import CrossEncoder
from mnemic.retrieval.informative import Informative
from mnemic.retrieval.linked import Linked
from mnemic.retrieval.min_score import MinScore
from mnemic.retrieval.mmr import MaximalMarginalRelevance
from mnemic.retrieval.near_duplicates import NearDuplicates
from mnemic.retrieval.neighbour_smoothing import NeighbourSmoothing
from mnemic.retrieval.neighbours import Neighbours
from mnemic.retrieval.recency import Recency
from mnemic.retrieval.second_round import SecondRound
from mnemic.retrieval.session_prior import SessionPrior
from mnemic.retrieval.sources import Sources
from mnemic.retrieval.speaker_match import SpeakerMatch
from mnemic.retrieval.standing_instructions import StandingInstructions
from mnemic.retrieval.time_proximity import TimeProximity
from mnemic.retrieval.time_told import TimeTold
from mnemic.retrieval.top import Top

from .stage_cases import TALK, ask, ids, talk

if TYPE_CHECKING:
    from mnemic.core.view import Vector

QUESTION = "What did Anna say about pottery recently, in June 2026?"
SCORERS = (
    CrossEncoder(top=3),
    NeighbourSmoothing(),
    SessionPrior(),
    SpeakerMatch(),
    Recency(),
    TimeProximity(),
    Informative(asking=0.3),
    TimeTold(),
    SessionPrior(part="score"),
)
EXPANDERS = (Neighbours(), Linked(hops=2), Sources(), SecondRound(), StandingInstructions())
FILTERS = (MaximalMarginalRelevance(k=4), NearDuplicates(), Top(3), MinScore(part="score", least=0.5))


def falling(names: list[str]) -> list[Hit]:
    return [Hit(name, 1.0 - place / 10, "x", {"score": 1.0 - place / 10}) for place, name in enumerate(names)]


some_hits = st.lists(st.sampled_from([*(record.id for record in TALK), "gone"]), unique=True).map(falling)


@pytest.mark.parametrize("scorer", SCORERS, ids=str)
@given(hits=some_hits)
def test_scorers_keep_every_hit_once_in_falling_order(scorer: Scorer, hits: list[Hit]) -> None:
    scored = scorer.score(hits, ask(QUESTION), talk())
    assert sorted(ids(scored)) == sorted(ids(hits))
    assert [hit.score for hit in scored] == sorted((hit.score for hit in scored), reverse=True)
    assert all("score" in hit.parts for hit in scored)


@pytest.mark.parametrize("expander", EXPANDERS, ids=str)
@given(hits=some_hits)
def test_expanders_lose_nothing_and_say_how_they_got_there(expander: Expander, hits: list[Hit]) -> None:
    view = ListView(TALK, [Edge(src="r00", dst="r03", rel="cause"), Edge(src="r03", dst="r05", rel="next")])
    expanded = expander.expand(hits, ask(QUESTION), view)
    assert len(set(ids(expanded))) == len(expanded)
    assert set(ids(hits)) <= set(ids(expanded))
    assert all(hit.path for hit in expanded if hit.id not in ids(hits))


@pytest.mark.parametrize("cut", FILTERS, ids=str)
@given(hits=some_hits)
def test_filters_only_leave_out(cut: Filter, hits: list[Hit]) -> None:
    kept = ids(cut.filter(hits, ask(QUESTION), talk()))
    assert len(set(kept)) == len(kept)
    assert set(kept) <= set(ids(hits))


def test_the_cross_encoder_reads_the_top_and_leaves_the_rest_below() -> None:
    hits = falling(["r01", "r00", "r05", "r03"])
    scored = CrossEncoder(top=2).score(hits, ask("Who moved to Lisbon?"), talk())
    assert ids(scored) == ["r00", "r01", "r05", "r03"]
    assert scored[0].parts["rerank:turn"] == 1.0
    assert scored[1].score > scored[2].score > scored[3].score


def test_the_cross_encoder_reads_the_turns_around_when_told() -> None:
    hits = falling(["r05", "r02"])
    query = ask("Is the flat big?")
    assert ids(CrossEncoder().score(hits, query, talk())) == ["r05", "r02"]
    assert ids(CrossEncoder(passages=("turn", "previous")).score(hits, query, talk())) == ["r02", "r05"]
    assert ids(CrossEncoder(passages=("previous",), weights=(0.0,)).score(hits, query, talk())) == ["r05", "r02"]


def test_the_first_score_can_have_a_say_after_reading() -> None:
    hits = falling(["r05", "r00"])
    query = ask("Who moved to Lisbon?")
    assert ids(CrossEncoder(first=0.1).score(hits, query, talk())) == ["r00", "r05"]
    assert ids(CrossEncoder(first=50.0).score(hits, query, talk())) == ["r05", "r00"]


class CountingTools(ListTools):
    """Notes how many passages are read."""

    read: int = 0

    def rerank(self, query: str, passages: Sequence[str]) -> Vector:
        self.read += len(passages)
        return super().rerank(query, passages)


def test_a_second_reading_reads_only_what_is_new() -> None:
    tools = CountingTools()
    view = ListView(TALK, now="2026-06-30", tools=tools)
    query = ask("Is the river near the flat?")
    once = CrossEncoder(top=4, first=0.1).score(falling(["r01", "r04"]), query, view)
    assert tools.read == 2
    wider = Neighbours(top=1, most=2).expand(once, query, view)
    again = CrossEncoder(top=4, first=0.1).score(wider, query, view)
    assert tools.read == 4
    assert ids(again)[:2] == ["r01", "r02"]
    kept = {hit.id: hit.score for hit in again}
    assert all(kept[hit.id] == hit.score for hit in once)
    assert {hit.parts["first"] for hit in again} == {1.0, 0.9}


def test_wrong_parameters_of_the_cross_encoder_are_refused() -> None:
    with pytest.raises(BadInput, match=r"cross_encoder\.passages: 'page'"):
        CrossEncoder(passages=("page",))
    with pytest.raises(BadInput, match=r"cross_encoder\.weights"):
        CrossEncoder(passages=("turn", "dated"), weights=(1.0,))


@pytest.mark.parametrize(
    ("question", "first"),
    [("What does Ben do?", "r03"), ("What does Anna do?", "r04"), ("What do Anna and Ben do?", "r04"), ("Who?", "r04")],
)
def test_a_named_speaker_goes_first_unless_all_are_named(question: str, first: str) -> None:
    hits = [Hit("r04", 0.55, "x"), Hit("r03", 0.5, "x")]
    assert ids(SpeakerMatch().score(hits, ask(question), talk()))[0] == first


@pytest.mark.parametrize(
    ("question", "first"),
    [("Where do I live?", "u"), ("What did you recommend?", "a"), ("What is my favourite colour?", "u")],
)
def test_in_a_chat_the_user_goes_first_unless_asked_for_the_assistant(question: str, first: str) -> None:
    view = ListView([TALK[0].with_(id="u", actor=""), TALK[1].with_(id="a", actor="", role="assistant")])
    hits = [Hit("a", 0.55, "x"), Hit("u", 0.5, "x")]
    assert ids(SpeakerMatch().score(hits, ask(question), view))[0] == first


def test_recency_waits_for_a_cue() -> None:
    hits = [Hit("r00", 0.5, "x"), Hit("r03", 0.45, "x")]
    assert ids(Recency().score(hits, ask("What does Ben make?"), talk())) == ["r00", "r03"]
    assert ids(Recency().score(hits, ask("What does Ben make now?"), talk())) == ["r03", "r00"]


def test_time_proximity_fades_with_distance() -> None:
    hits = [Hit("r00", 0.5, "x"), Hit("r03", 0.5, "x")]
    [near, far] = TimeProximity().score(hits, ask("What happened in June?"), talk())
    assert (near.id, near.parts["time"]) == ("r03", 0.2)
    assert 0 < far.parts["time"] < 0.1


def test_smoothing_stops_at_the_session() -> None:
    hits = [Hit("r02", 1.0, "x"), Hit("r03", 1.0, "x"), Hit("r01", 0.5, "x")]
    scored = {hit.id: hit.score for hit in NeighbourSmoothing(1, 1, 0.5).score(hits, ask(""), talk())}
    assert scored == {"r02": 1.25, "r01": 1.0, "r03": 1.0}


def test_neighbours_stand_behind_their_hit() -> None:
    hits = falling(["r03", "r01"])
    assert ids(Neighbours(before=1, after=1).expand(hits, ask(""), talk())) == ["r03", "r04", "r01", "r00", "r02"]
    assert ids(Neighbours(top=1).expand(hits, ask(""), talk())) == ["r03", "r04", "r01"]


def test_sources_bring_the_evidence_of_an_inference() -> None:
    fact = TALK[3].with_(id="fact", kind="semantic", derived_from=("r04",))
    hits = Sources().expand([Hit("fact", 1.0, "x")], ask(""), ListView([*TALK, fact]))
    assert ids(hits) == ["fact", "r04", "r03"]


@pytest.mark.parametrize("expander", EXPANDERS, ids=str)
def test_expanders_stay_in_scope(expander: Expander) -> None:
    fact = TALK[3].with_(id="fact", kind="semantic", derived_from=("r00", "r04"), actor="Anna")
    edges = [Edge(src="r04", dst="r05", rel="next"), Edge(src="r05", dst="r00", rel="next")]
    view = ListView([*TALK, fact], edges)
    query = ask("pottery", where=Where(actors=("Anna",), sessions=("s2",)))
    hits = expander.expand([Hit("fact", 1.0, "x"), Hit("r04", 0.9, "x")], query, view)
    assert set(ids(hits)) == {"fact", "r04"}


def test_links_are_followed_by_relation_and_direction() -> None:
    view = ListView(TALK, [Edge(src="r00", dst="r03", rel="cause"), Edge(src="r04", dst="r00", rel="next")])
    hit = [Hit("r00", 1.0, "x")]
    assert ids(Linked().expand(hit, ask(""), view)) == ["r00", "r03", "r04"]
    assert ids(Linked(rels=("next",)).expand(hit, ask(""), view)) == ["r00", "r04"]
    assert ids(Linked(direction="out").expand(hit, ask(""), view)) == ["r00", "r03"]
    assert ids(Linked(direction="in").expand(hit, ask(""), view)) == ["r00", "r04"]


def test_mmr_prefers_the_new_to_the_same_again() -> None:
    view = ListView([*TALK, TALK[3].with_(id="again")])
    hits = [Hit("r03", 1.0, "x"), Hit("again", 0.99, "x"), Hit("r00", 0.5, "x")]
    assert ids(MaximalMarginalRelevance(lam=0.5, k=2).filter(hits, ask(""), view)) == ["r03", "r00"]
    assert ids(MaximalMarginalRelevance(lam=1.0, k=3).filter(hits, ask(""), view)) == ["r03", "again", "r00"]


def test_near_duplicates_leave_the_better_one() -> None:
    view = ListView([*TALK, TALK[3].with_(id="again", value="I started a pottery class, with Clara!")])
    hits = falling(["again", "r03", "r00"])
    assert ids(NearDuplicates().filter(hits, ask(""), view)) == ["again", "r00"]


def test_a_quantile_is_a_threshold_of_the_embedder() -> None:
    hits = [Hit("a", 1, "x", {"cosine": 0.7}), Hit("b", 1, "x", {"cosine": 0.3}), Hit("c", 1, "x", {"bm25": 3.0})]
    assert ids(MinScore(quantile=0.5).filter(hits, ask(""), talk())) == ["a", "c"]


def test_a_second_round_finds_what_sounds_like_the_first() -> None:
    view = ListView([*TALK, TALK[5].with_(id="kiln", keys={"turn": Key("Clara has a kiln for bowls and cups")})])
    hits = SecondRound(top=1, k=2, beta=2.0).expand([Hit("r05", 1.0, "x")], ask("What do they make?"), view)
    assert ids(hits) == ["r05", "kiln"]


ORDER = "Always name the city, as in Lisbon"
RULE = TALK[0].with_(id="rule", value=ORDER, labels=("instruction",), keys={"turn": Key(ORDER)})
REPLY = TALK[1].with_(id="reply", role="assistant", keys={})


def test_a_standing_instruction_takes_its_place_and_no_better_one_is_lost() -> None:
    view = ListView([*TALK, RULE, REPLY])
    hits = falling([record.id for record in TALK])
    placed = StandingInstructions(every=3).expand(hits, ask("Where?"), view)
    assert ids(placed) == ["r00", "r01", "rule", "r02", "r03", "r04", "r05"]
    assert [hit.score for hit in placed] == sorted((hit.score for hit in placed), reverse=True)
    ahead = falling(["rule", "r00"])
    assert StandingInstructions(every=3).expand(ahead, ask("Where?"), view) == ahead
    assert ids(StandingInstructions().expand([], ask("Where?"), view)) == ["rule"]


def test_only_what_a_user_tells_an_assistant_stands() -> None:
    once = RULE.with_(id="once", value="Name the city here, as in Lisbon")
    for records in ([RULE], [once, REPLY], [RULE.with_(role="assistant"), REPLY]):
        assert StandingInstructions().expand([], ask("Where?"), ListView(records)) == []


def test_instructions_outside_the_scope_stay_out() -> None:
    view = ListView([*TALK, RULE, REPLY])
    for where in (Where(sessions=("s2",)), Where(labels=("other",))):
        assert StandingInstructions().expand([], ask("Where?", where=where), view) == []


@pytest.mark.parametrize(
    ("text", "added"),
    [
        ("Hi! How are you?", 0.0),
        ("I do. Do you?", 0.1),
        ("The house by the lake has seven rooms, two baths, one kitchen, a garden, a shed", 0.2),
        ("Wow, we rented a house by a lake with seven rooms, two baths, one kitchen, a garden", 0.3),
    ],
)
def test_statements_about_oneself_tell_most(text: str, added: float) -> None:
    view = ListView([TALK[0].with_(value=text)])
    [hit] = Informative().score([Hit("r00", 0.0, "x")], ask(""), view)
    assert hit.score == pytest.approx(added, abs=0.021)


def test_a_question_for_a_time_prefers_turns_that_tell_one() -> None:
    hits = [Hit("r04", 0.5, "x"), Hit("r00", 0.45, "x")]
    assert ids(TimeTold().score(hits, ask("When did they move?"), talk())) == ["r00", "r04"]
    assert ids(TimeTold().score(hits, ask("Where were they when it rained?"), talk())) == ["r04", "r00"]


def test_no_rule_lifts_what_was_not_read_over_what_was() -> None:
    hits = falling(["r01", "r03", "r00", "r02"])
    query = ask("When did Anna move?")
    read = CrossEncoder(top=2, first=8.0).score(hits, query, talk())
    for rule in (SessionPrior(0.5, 1, "reranked"), SpeakerMatch(1.0, 0.0), TimeTold(1.0), Informative(0, 0, 1.0)):
        read = rule.score(read, query, talk())
    assert set(ids(read[:2])) == {"r01", "r03"}


def test_a_session_prior_over_a_part_leaves_hits_without_it_alone() -> None:
    hits = [Hit("r00", 1.0, "x", {"reranked": 4.0}), Hit("r01", 0.9, "x", {"reranked": 2.0}), Hit("r02", 0.8, "x")]
    scored = SessionPrior(0.5, 1, "reranked").score(hits, ask(""), talk())
    assert [(hit.id, hit.score) for hit in scored] == [("r00", 3.0), ("r01", 2.9), ("r02", 0.8)]
