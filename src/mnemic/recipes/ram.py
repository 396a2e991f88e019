"""RAM: what a user says of an answer is reflected on, and takes the place of the memory that is most like it.

    feedback → reflection d;   nearest n:  cos(d, n) ≥ θ(.99) + .2 · (1 - θ(.99))  →  d supersedes n,  else d is added

Memory is pieces of text (here turns); a correction is handed in by feedback on a receipt that names no record, as the
truth or as a hint. A language model is asked once a correction; reading asks none, and with the profile ``loop`` it
searches in rounds, each with what the last one lacked.

``as-coded`` has no limit: every reflection pushes out whatever is nearest, also what has nothing to do with it.

Source: J. Li, H. Wang et al., "RAM: Towards an Ever-Improving Memory System by Learning from Communications",
arXiv 2404.12045, 2024.
"""

from __future__ import annotations

from dataclasses import replace

from mnemic.context.within_budget import WithinBudget
from mnemic.core.pipeline import Chain, Recipe
from mnemic.evolution.replace_nearest import ReplaceNearest
from mnemic.formation.index_text import IndexText
from mnemic.formation.per_turn import PerTurn
from mnemic.formation.reflected_correction import ReflectedCorrection
from mnemic.formation.turn_record import TurnRecord
from mnemic.retrieval.dense import Dense
from mnemic.retrieval.per_kind import PerKind
from mnemic.retrieval.rounds import Rounds

SEARCH = Dense(key="said") >> PerKind(quota=100)

RECIPE = Recipe(
    name="ram",
    summary="corrections reflected on, each taking the place of the nearest memory",
    formation=PerTurn()
    >> TurnRecord(without=("feedback",))
    >> ReflectedCorrection()
    >> IndexText(key="said", date=False, speaker=False, previous=0, captions=False),
    evolution=(Chain.of(ReplaceNearest()),),
    retrieval=SEARCH >> WithinBudget(),
    profiles={"loop": Rounds(SEARCH, rounds=3) >> WithinBudget()},
    cites="arXiv 2404.12045",
    card=41,
)

PRESETS = {"as-coded": replace(RECIPE, name="ram:as-coded", evolution=(Chain.of(ReplaceNearest(floor=False)),))}
