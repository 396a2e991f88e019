"""The default: turns found through their neighbourhood, by words, meaning and time, the best of them read again.

    F = BM25F(words, turns within 3, date, speaker) + cosine + 0.3 · time        each moved to 0..1
        + 0.2 · named speaker + 0.3 · asker + 0.2 · informative + 0.1 · personal
    S = rerank(turn) + rerank(previous turn, turn) + 8 F + 0.5 · best in the session + rules        first 20 or 50

Facts (given with the events, stated in so many words, or extracted by a language model at idle time) are kept true in
code: the later valid version holds, and what rests on a changed one is marked. Where a question fits a fact's slot, the
answer stands first in the context; all else is read as it was said. The two standing instructions closest to the
question get the fifth and tenth place. Why each part is there, and what did not help, is in docs/retrieval.md.

Source: this project; BM25F after Robertson, Zaragoza and Taylor, CIKM 2004; re-ranking after arXiv 1901.04085.
"""

from __future__ import annotations

from mnemic.context.known_facts import KnownFacts
from mnemic.core.pipeline import Chain, Fan, Recipe
from mnemic.core.stage import Channel, Planner
from mnemic.evolution.late_formation import LateFormation
from mnemic.evolution.premises import Premises
from mnemic.evolution.triggers import OnIdle
from mnemic.formation.asked_records import AskedRecords
from mnemic.formation.event_times import EventTimes
from mnemic.formation.given_facts import GivenFacts
from mnemic.formation.index_text import IndexText
from mnemic.formation.named_entities import NamedEntities
from mnemic.formation.of_kind import OfKind
from mnemic.formation.per_turn import PerTurn
from mnemic.formation.statements import Statements
from mnemic.formation.template_facts import TemplateFacts
from mnemic.formation.turn_record import TurnRecord
from mnemic.retrieval.bare_question import BareQuestion
from mnemic.retrieval.cross_encoder import CrossEncoder
from mnemic.retrieval.dense import Dense
from mnemic.retrieval.during import During
from mnemic.retrieval.informative import Informative
from mnemic.retrieval.lexical import Lexical
from mnemic.retrieval.session_prior import SessionPrior
from mnemic.retrieval.slot_lookup import SlotLookup
from mnemic.retrieval.speaker_match import SpeakerMatch
from mnemic.retrieval.split_question import SplitQuestion
from mnemic.retrieval.standing_instructions import StandingInstructions
from mnemic.retrieval.through import Through
from mnemic.retrieval.time_cues import TimeCues
from mnemic.retrieval.time_told import TimeTold
from mnemic.retrieval.weighted_sum import WeightedSum

TURNS = OfKind(
    ("episodic",),
    EventTimes()
    >> NamedEntities()
    >> Statements()
    >> IndexText(key="words", date=False, speaker=False, previous=0, dense=False)
    >> IndexText(key="said", date=False, previous=0, limit=1000, lexical=False)
    >> IndexText(key="stamp", words=False, captions=False, previous=0, dense=False),
)
FORMATION = PerTurn() >> TurnRecord() >> GivenFacts() >> TemplateFacts() >> TURNS
WORDS = Lexical(key="words", also=("stamp",), window=3, b=0.5)
TIMED = TimeCues(anchor=WORDS)


def first_stage(planner: Planner, *more: Channel) -> Chain:
    """Searches for words, meaning and time, summed, with what is known of who asks and what a turn tells."""
    return (
        BareQuestion(inner=planner)
        >> Fan.of(WORDS, Dense(key="said"), During(kinds=("episodic",), weight=0.3), *more)
        >> WeightedSum("theoretical")
        >> SpeakerMatch()
        >> Informative()
    )


INSTRUCTED = StandingInstructions(key="said") >> SlotLookup() >> KnownFacts()


def reread(top: int, planner: Planner, *more: Channel) -> Chain:
    """The first stage, with its first ``top`` hits read again by the cross-encoder."""
    return (
        first_stage(planner, *more)
        >> CrossEncoder(top=top, passages=("dated", "dated_previous"), first=8.0)
        >> SessionPrior(0.5, 1, "reranked")
        >> SpeakerMatch(1.0, 0.0)
        >> TimeTold(1.0)
        >> Informative(0.0, 0.0, 1.0)
        >> INSTRUCTED
    )


def profiles(*more: Channel) -> dict[str, Chain]:
    """The ways of reading, from fast to deep; ``more`` are further channels of the first stage."""
    return {
        "fast": first_stage(TIMED, *more) >> INSTRUCTED,
        "balanced": reread(20, TIMED, *more),
        "deep": reread(50, SplitQuestion(inner=TIMED), *more),
    }


RECIPE = Recipe(
    name="default",
    summary="turns found through their neighbourhood, by words and by meaning, the best read again; facts kept true",
    formation=FORMATION,
    evolution=(Chain.of(Premises()),),
    retrieval=reread(20, TIMED),
    profiles=profiles(),
)
#: Facts that a language model extracts when the bank is idle lead to the turns that they rest on. A greater weight
#: finds more in long contexts and less in short ones; at this one no measure over all questions of LoCoMo fell.
THROUGH_FACTS = Through(weight=0.1)
EXTRACTED = OnIdle() >> LateFormation(AskedRecords(key="told", lexical=False, earlier=4), Premises())
PRESETS = {
    "with-model": Recipe(
        name="default:with-model",
        summary="the default, with facts that a language model extracts when the bank is idle",
        formation=FORMATION,
        evolution=(Chain.of(Premises()), EXTRACTED),
        retrieval=reread(20, TIMED, THROUGH_FACTS),
        profiles=profiles(THROUGH_FACTS),
    )
}
