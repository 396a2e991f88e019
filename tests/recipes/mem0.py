"""Card 105, Mem0: facts, the nearest known ones, and one call that says what each fact means for them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mnemic.context.within_budget import WithinBudget
from mnemic.core.pipeline import Chain, Recipe
from mnemic.evolution.four_operations import FourOperations
from mnemic.formation.asked_records import AskedRecords
from mnemic.formation.per_turn import PerTurn
from mnemic.retrieval.dense import Dense

from .asked_records import as_said

RECIPE = Recipe(
    name="mem0",
    summary="facts resolved against their neighbours by four operations",
    formation=PerTurn() >> AskedRecords(),
    evolution=(Chain.of(FourOperations(k=10)),),
    retrieval=Dense(key="said") >> WithinBudget(),
    cites="arXiv 2504.19413",
    card=105,
)


def add_all(inputs: Mapping[str, Any]) -> dict[str, Any]:
    """Every fact is new."""
    return {"operations": [{"event": "ADD", "fact": fact["alias"]} for fact in inputs["facts"]]}


SCRIPTS = {"extract_facts": as_said, "memory_operations": add_all}
