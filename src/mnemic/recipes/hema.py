"""HEMA: one sentence that is rewritten at every turn for the gist, one store of vectors for the words.

    Sₜ = fold(Sₜ₋₁, turn t), one sentence;   every 100 turns  S² = fold(S², Sₜ)
    context = S², Sₜ, the nearest turns, the last turns
    every 100 turns the 30 % of the turns with the least w = e^(-rate · age) · use are set aside

One call of a language model a turn and one every 100 turns when writing, none when reading. The paper gives no
constants for forgetting; what is forgotten is archived, and the sentences stay.

Source: K. Ahn, "HEMA: A Hippocampus-Inspired Extended Memory Architecture for Long-Context AI Conversations", arXiv
2504.16754, 2025.
"""

from __future__ import annotations

from mnemic.context.layered import Layer, Layered
from mnemic.core.pipeline import Chain, Recipe
from mnemic.evolution.age_weighted import AgeWeighted
from mnemic.evolution.asked_fold import AskedFold
from mnemic.evolution.grouped_fold import GroupedFold
from mnemic.evolution.triggers import EveryEvents
from mnemic.evolution.weakest_first import WeakestFirst
from mnemic.formation.index_text import IndexText
from mnemic.formation.per_turn import PerTurn
from mnemic.formation.turn_record import TurnRecord
from mnemic.retrieval.dense import Dense
from mnemic.retrieval.everything import Everything
from mnemic.retrieval.near_duplicates import NearDuplicates
from mnemic.retrieval.recent import Recent

SENTENCE = AskedFold(instruction="One sentence.", speakers=True)
ABOVE = AskedFold(instruction="Two sentences, on what lasts beyond the moment.")

RECIPE = Recipe(
    name="hema",
    summary="a rolling sentence for the gist and vectors for the words, the oldest unused set aside",
    formation=PerTurn() >> TurnRecord() >> IndexText(key="said", previous=0),
    evolution=(
        EveryEvents(1)
        >> GroupedFold(group="all", of=("episodic",), kind="gist", fold=SENTENCE, step="record", tokens=60),
        EveryEvents(100) >> GroupedFold(group="all", of=("gist",), kind="overview", fold=ABOVE, tokens=120),
        EveryEvents(100) >> WeakestFirst(strength=AgeWeighted(), kinds=("episodic",), share=(0.7, 0.7)),
    ),
    retrieval=Dense(key="said", kinds=("episodic",))
    >> NearDuplicates()
    >> Layered(
        Layer("overview", Chain.of(Everything(kinds=("overview",))), most=0.4)
        >> Layer("gist", Chain.of(Everything(kinds=("gist",))), least=0.3, most=0.4)
        >> Layer("found", kinds=("episodic",), least=0.3, rank=2)
        >> Layer("lately", Chain.of(Recent(k=4, kinds=("episodic",))), most=0.2, rank=1),
        conflicts="keep",
    ),
    cites="arXiv 2504.16754",
    card=137,
)
