"""RSum: the memory is a text, which a language model writes anew after every session.

    M₀ = nothing;   Mᵢ = fold(Mᵢ₋₁, session i);   context = M

One call of a language model a session, none when reading. What one fold loses, no later one finds again, so early
details fade: the turns stay in the bank for whoever wants more than the text, and the profile ``with-turns`` shows the
nearest of them beside it. The least that a memory with more parts must beat.

Source: Q. Wang et al., "Recursively Summarizing Enables Long-Term Dialogue Memory in Large Language Models", arXiv
2308.15022, 2023.
"""

from __future__ import annotations

from mnemic.context.layered import Layer, Layered
from mnemic.context.within_budget import WithinBudget
from mnemic.core.pipeline import Chain, Recipe
from mnemic.evolution.asked_fold import AskedFold
from mnemic.evolution.grouped_fold import GroupedFold
from mnemic.evolution.triggers import OnSessionEnd
from mnemic.formation.index_text import IndexText
from mnemic.formation.per_turn import PerTurn
from mnemic.formation.turn_record import TurnRecord
from mnemic.retrieval.dense import Dense
from mnemic.retrieval.everything import Everything

REWRITE = AskedFold(
    instruction="""A short paragraph for each speaker: character, tastes, and what happened to them. List the points of
the new session, merge them with what is known, and where something changed, keep what holds now. At most 20
sentences.""",
    speakers=True,
)
MEMORY = Everything(kinds=("summary",))

RECIPE = Recipe(
    name="rsum",
    summary="one text, written anew after every session",
    formation=PerTurn() >> TurnRecord() >> IndexText(key="said", previous=0),
    evolution=(OnSessionEnd() >> GroupedFold(group="all", of=("episodic",), fold=REWRITE, step="session", tokens=400),),
    retrieval=MEMORY >> WithinBudget(),
    profiles={
        "with-turns": Dense(key="said", kinds=("episodic",))
        >> Layered(
            Layer("memory", Chain.of(MEMORY), least=0.2, most=0.5) >> Layer("found", kinds=("episodic",), rank=1),
            conflicts="keep",
        )
    },
    cites="arXiv 2308.15022",
    card=193,
)
