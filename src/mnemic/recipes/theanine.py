"""THEANINE: nothing is deleted; memories are linked by cause and change, and whole timelines are what is found.

    each new memory with its 3 nearest of earlier sessions → changed, cause, reason, hindered by, react, want, topic
    read: the best path through each of the 3 first hits, from its origin to its latest state

Asks a model once a session for facts and once for all their relations. Paths are capped and chosen by relation,
likeness and recency, where the published code draws one at random out of all of them.

Source: K. Ong, N. Kim, M. Gwak et al., "Towards Lifelong Dialogue Agents via Timeline-based Memory Management", arXiv
2406.10996, 2024.
"""

from __future__ import annotations

from mnemic.context.timelines import Timelines
from mnemic.context.within_budget import WithinBudget
from mnemic.core.pipeline import Chain, Recipe
from mnemic.evolution.typed_relations import TypedRelations
from mnemic.formation.asked_records import AskedRecords
from mnemic.formation.per_session import PerSession
from mnemic.retrieval.dense import Dense
from mnemic.retrieval.timeline_paths import TimelinePaths

RECIPE = Recipe(
    name="theanine",
    summary="memories linked by cause and change, answered from timelines",
    formation=PerSession() >> AskedRecords(task="extract_facts"),
    evolution=(Chain.of(TypedRelations(k=3)),),
    retrieval=Dense(key="said", k=50) >> TimelinePaths(top=3) >> Timelines(),
    profiles={"nodes": Dense(key="said", k=50) >> WithinBudget()},
    cites="arXiv 2406.10996",
    card=111,
)
