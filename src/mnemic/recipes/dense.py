"""Nearest vectors over single turns: what most products call memory.

Source: V. Karpukhin et al., "Dense Passage Retrieval for Open-Domain Question Answering", EMNLP 2020.
"""

from __future__ import annotations

from mnemic.context.within_budget import WithinBudget
from mnemic.core.pipeline import Recipe
from mnemic.formation.index_text import IndexText
from mnemic.formation.per_turn import PerTurn
from mnemic.formation.turn_record import TurnRecord
from mnemic.retrieval.dense import Dense

RECIPE = Recipe(
    name="dense",
    summary="nearest vectors over single turns with date and speaker",
    formation=PerTurn() >> TurnRecord() >> IndexText(key="turn", previous=0, captions=False, lexical=False),
    retrieval=Dense(key="turn") >> WithinBudget(),
    cites="Karpukhin et al., EMNLP 2020",
)
