"""Memory-R1: the writer chooses among four operations, and the reader first lists the memories that it will use.

    write: per fact ADD | UPDATE m | DELETE m | NONE;   read: 60 candidates → those a model selects → context

Asks a model twice a turn and once a question. In the paper both choices are policies trained by whether the answer was
right; here they are asked for. A trained policy answers the tasks ``memory_operations`` and ``choose`` in the model's
place, and no stage changes. UPDATE and DELETE go by memory, not by all that was retrieved.
Source: S. Yan et al., "Memory-R1: Enhancing Large Language Model Agents to Manage and Utilize Memories via
Reinforcement Learning", arXiv 2508.19828, 2025.
"""

from __future__ import annotations

from mnemic.context.within_budget import WithinBudget
from mnemic.core.pipeline import Chain, Recipe
from mnemic.evolution.four_operations import FourOperations
from mnemic.formation.asked_records import AskedRecords
from mnemic.formation.per_turn import PerTurn
from mnemic.retrieval.chosen import Chosen
from mnemic.retrieval.dense import Dense

RECIPE = Recipe(
    name="memory-r1",
    summary="facts by four operations, and a selection among sixty before answering",
    formation=PerTurn() >> AskedRecords(earlier=4),
    evolution=(Chain.of(FourOperations(k=10)),),
    retrieval=Dense(key="said", k=60) >> Chosen(most=20, of=60, stub="full") >> WithinBudget(),
    profiles={"unselected": Dense(key="said", k=60) >> WithinBudget()},
    cites="arXiv 2508.19828",
    card=63,
)
