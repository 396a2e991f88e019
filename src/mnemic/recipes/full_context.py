"""Everything that was said, newest first until the budget is full: the baseline that needs no memory.

It often beats memory systems while the history is short, and costs tokens with every turn.
Source: the full-context rows of P. Chhikara et al., "Mem0", arXiv 2504.19413, 2025.
"""

from __future__ import annotations

from mnemic.context.full_context import FullContext
from mnemic.core.pipeline import Recipe
from mnemic.formation.per_turn import PerTurn
from mnemic.formation.turn_record import TurnRecord
from mnemic.retrieval.everything import Everything

RECIPE = Recipe(
    name="full-context",
    summary="everything, newest first until the budget is full",
    formation=PerTurn() >> TurnRecord(),
    retrieval=Everything() >> FullContext(),
    cites="baseline of arXiv 2504.19413",
)
