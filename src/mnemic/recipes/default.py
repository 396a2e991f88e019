"""The default: turns found through their neighbourhood, by words and by meaning."""

from __future__ import annotations

from mnemic.context.within_budget import WithinBudget
from mnemic.core.pipeline import Recipe
from mnemic.formation.index_text import IndexText
from mnemic.formation.per_turn import PerTurn
from mnemic.formation.turn_record import TurnRecord
from mnemic.retrieval.dense import Dense
from mnemic.retrieval.lexical import Lexical
from mnemic.retrieval.weighted_sum import WeightedSum

FORMATION = (
    PerTurn()
    >> TurnRecord()
    >> IndexText(key="words", date=False, speaker=False, captions=True, previous=0, dense=False)
    >> IndexText(key="said", date=False, captions=False, previous=0, lexical=False)
    >> IndexText(key="stamp", words=False, captions=False, previous=0, dense=False)
)
FIRST_STAGE = (
    Lexical(key="words", also=("stamp",), window=3, b=0.5) | Dense(key="said", weight=0.7)
) >> WeightedSum()

RECIPE = Recipe(
    name="default",
    summary="turns found through their neighbourhood, by words and by meaning",
    formation=FORMATION,
    retrieval=FIRST_STAGE >> WithinBudget(),
    profiles={"fast": FIRST_STAGE >> WithinBudget()},
)
