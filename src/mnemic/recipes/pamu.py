"""PAMU: how the user likes to be answered, followed at two speeds, stands in front of what any host memory finds.

    w = .6 · mean of the last 3 + .4 · EMA(.7),   changed when d / √(.01 + Var) > .9

Five dimensions of each of the user's turns (tone, emotion, length, density, formality) are read off by lists of words,
fused, and told in one sentence that changes only when a value enters another bin. Retrieval is the host's (here turns
found by words and meaning). No language model is asked.

``as-coded`` starts the slow mean at 0 and divides a difference by a variance, by which almost any move is a change and
one label taking another's place is none.

Source: H. Sun, Z. Zhang, S. Zeng, "Preference-Aware Memory Update for Long-Term LLM Agents", arXiv 2510.09720, 2025.
"""

from __future__ import annotations

from dataclasses import replace

from mnemic.context.within_budget import WithinBudget
from mnemic.core.pipeline import Recipe
from mnemic.evolution.style_preference import StylePreference
from mnemic.evolution.triggers import EveryEvents
from mnemic.formation.index_text import IndexText
from mnemic.formation.per_turn import PerTurn
from mnemic.formation.turn_record import TurnRecord
from mnemic.retrieval.dense import Dense
from mnemic.retrieval.everything import Everything
from mnemic.retrieval.lexical import Lexical
from mnemic.retrieval.per_kind import PerKind

RECIPE = Recipe(
    name="pamu",
    summary="a running preference of style over a host memory",
    formation=PerTurn() >> TurnRecord() >> IndexText(key="turn", previous=0, captions=False),
    evolution=(EveryEvents() >> StylePreference(),),
    retrieval=(Everything(kinds=("preference",), weight=0.5) | Lexical(key="turn") | Dense(key="turn"))
    >> PerKind(quota=100)
    >> WithinBudget(slots=(("style", ("preference",), 0.0, 0.5),)),
    cites="arXiv 2510.09720",
    card=11,
)

PRESETS = {
    "as-coded": replace(RECIPE, name="pamu:as-coded", evolution=(EveryEvents() >> StylePreference(published=True),))
}
