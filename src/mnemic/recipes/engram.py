"""ENGRAM: a router sorts each turn into three kinds of record, and each kind gets its own places when it is read.

    kinds(turn) ⊆ {episodic, semantic, procedural};   found = the 25 nearest of each kind, the first of each in front

Asks a model once a turn to route it, and once for each kind that was named; never to read. What two kinds say in the
same words is read once. Nothing is updated or deleted. Law 5 takes the place of the paper's union in order of cosine.
Source: D. Patel and S. Patel, "ENGRAM: Effective, Lightweight Memory Orchestration for Conversational Agents",
arXiv 2511.12960, 2025.
"""

from __future__ import annotations

from mnemic.context.within_budget import WithinBudget
from mnemic.core.pipeline import Recipe
from mnemic.formation.asked_kinds import AskedKinds
from mnemic.formation.asked_records import AskedRecords
from mnemic.formation.per_turn import PerTurn
from mnemic.retrieval.dense import Dense
from mnemic.retrieval.near_duplicates import NearDuplicates
from mnemic.retrieval.per_kind import PerKind
from mnemic.retrieval.top import Top

FOUND = (
    (
        Dense(key="said", kinds=("episodic",), k=25)
        | Dense(key="said", kinds=("semantic",), k=25)
        | Dense(key="said", kinds=("procedural",), k=25)
    )
    >> PerKind(quota=25)
    >> NearDuplicates(share=1.0)
)

RECIPE = Recipe(
    name="engram",
    summary="episodic, semantic and procedural records by a router, with places of their own",
    formation=PerTurn()
    >> AskedKinds()
    >> AskedRecords(task="extract_typed", kind="episodic", kinds=("episodic",), indexed=("title",))
    >> AskedRecords()
    >> AskedRecords(task="extract_typed", kind="procedural", kinds=("procedural",), indexed=("title", "steps")),
    retrieval=FOUND >> WithinBudget(),
    profiles={"published": FOUND >> Top(25) >> WithinBudget()},
    cites="arXiv 2511.12960",
    card=13,
)
