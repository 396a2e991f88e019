"""Keep Me Updated: after each session every new sentence is held against what is known: which of the two stays?

    PASS keeps the old | REPLACE the new | APPEND both | DELETE neither       for the new and the nearest known ones

Asks a model once a session for the sentences, and once for every 40 pairs. A sentence that is over needs no successor:
"has a cold" and "the cold is gone" both go. What goes is superseded.
Source: S. Bae et al., "Keep Me Updated! Memory Management in Long-term Conversations", arXiv 2210.08750, 2022.
"""

from __future__ import annotations

from mnemic.context.within_budget import WithinBudget
from mnemic.core.pipeline import Chain, Recipe
from mnemic.evolution.pairwise import Pairwise
from mnemic.formation.asked_records import AskedRecords
from mnemic.formation.per_session import PerSession
from mnemic.retrieval.dense import Dense

RECIPE = Recipe(
    name="keep-me-updated",
    summary="sentences of each session, kept or dropped pair by pair",
    formation=PerSession() >> AskedRecords(instruction="Plain sentences about the speakers that may still hold later."),
    evolution=(Chain.of(Pairwise(k=10)),),
    retrieval=Dense(key="said") >> WithinBudget(),
    cites="arXiv 2210.08750",
    card=23,
)
