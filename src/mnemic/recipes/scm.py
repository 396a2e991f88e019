"""SCM: a controller decides whether memory is needed, what of it is active, and how much of each memory is shown.

    need?  no → nothing.   activation = cos(q, turn) + 0.1 · e^(-t / (30 · S)),  t in days, S = 1 + times cited
    while too long for the budget: a turn that does not help is dropped, one whose summary helps too is shown by it

A language model writes a sentence for every turn that is kept; a read asks it whether memory is needed, and twice more
when what is active does not fit the budget. Lines stand in the order of time.

``as-coded`` activates the four turns of greatest cosine alone, as the published code does.

Source: B. Wang, X. Liang, J. Yang, H. Huang et al., "SCM: Enhancing Large Language Model with Self-Controlled Memory
Framework", arXiv 2304.13343, 2023.
"""

from __future__ import annotations

from dataclasses import replace

from mnemic.context.within_budget import WithinBudget
from mnemic.core.pipeline import Recipe
from mnemic.evolution.retention import Retention
from mnemic.formation.asked_view import AskedView
from mnemic.formation.index_text import IndexText
from mnemic.formation.per_turn import PerTurn
from mnemic.formation.turn_record import TurnRecord
from mnemic.retrieval.by_strength import ByStrength
from mnemic.retrieval.dense import Dense
from mnemic.retrieval.fidelity import Fidelity
from mnemic.retrieval.needed import Needed

SENTENCE = AskedView(tokens=30, instruction="one sentence")

RECIPE = Recipe(
    name="scm",
    summary="a controller over turns: whether memory is needed, what is active, whole or summed up",
    formation=PerTurn() >> TurnRecord() >> SENTENCE >> IndexText(key="said", date=False, previous=0, captions=False),
    retrieval=Needed()
    >> Dense(key="said", k=100)
    >> ByStrength(strength=Retention(days=30.0), weight=0.1)
    >> Fidelity()
    >> WithinBudget(),
    cites="arXiv 2304.13343",
    card=167,
)

PRESETS = {
    "as-coded": replace(
        RECIPE, name="scm:as-coded", retrieval=Needed() >> Dense(key="said", k=4) >> Fidelity(of=4) >> WithinBudget()
    )
}
