"""The default: turns found through their neighbourhood, by words and by meaning."""

from __future__ import annotations

from mnemic.context.within_budget import WithinBudget
from mnemic.core.pipeline import Chain, Recipe
from mnemic.formation.event_times import EventTimes
from mnemic.formation.index_text import IndexText
from mnemic.formation.named_entities import NamedEntities
from mnemic.formation.per_turn import PerTurn
from mnemic.formation.statements import Statements
from mnemic.formation.turn_record import TurnRecord
from mnemic.retrieval.bare_question import BareQuestion
from mnemic.retrieval.dense import Dense
from mnemic.retrieval.informative import Informative
from mnemic.retrieval.lexical import Lexical
from mnemic.retrieval.speaker_match import SpeakerMatch
from mnemic.retrieval.standing_instructions import StandingInstructions
from mnemic.retrieval.weighted_sum import WeightedSum

FORMATION = (
    PerTurn()
    >> TurnRecord()
    >> EventTimes()
    >> NamedEntities()
    >> Statements()
    >> IndexText(key="words", date=False, speaker=False, previous=0, dense=False)
    >> IndexText(key="said", date=False, previous=0, limit=1000, lexical=False)
    >> IndexText(key="stamp", words=False, captions=False, previous=0, dense=False)
)
FIRST_STAGE: Chain = (
    BareQuestion()
    >> (Lexical(key="words", also=("stamp",), window=3, b=0.5, k=200) | Dense(key="said", k=200))
    >> WeightedSum()
    >> SpeakerMatch()
    >> Informative()
)
INSTRUCTED = StandingInstructions(key="said")

RECIPE = Recipe(
    name="default",
    summary="turns found through their neighbourhood, by words and by meaning",
    formation=FORMATION,
    retrieval=FIRST_STAGE >> INSTRUCTED >> WithinBudget(),
    profiles={"fast": FIRST_STAGE >> INSTRUCTED >> WithinBudget()},
)
