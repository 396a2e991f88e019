"""BM25 and nearest vectors over single turns, fused by reciprocal rank: the usual hybrid search.

Source: G. Cormack, C. Clarke, S. Büttcher, "Reciprocal Rank Fusion", SIGIR 2009.
"""

from __future__ import annotations

from mnemic.context.within_budget import WithinBudget
from mnemic.core.pipeline import Recipe
from mnemic.formation.index_text import IndexText
from mnemic.formation.per_turn import PerTurn
from mnemic.formation.turn_record import TurnRecord
from mnemic.retrieval.dense import Dense
from mnemic.retrieval.lexical import Lexical
from mnemic.retrieval.rrf import ReciprocalRankFusion

RECIPE = Recipe(
    name="hybrid",
    summary="BM25 and nearest vectors over single turns, fused by reciprocal rank",
    formation=PerTurn() >> TurnRecord() >> IndexText(key="turn", previous=0, captions=False),
    retrieval=(Lexical(key="turn") | Dense(key="turn")) >> ReciprocalRankFusion() >> WithinBudget(),
    cites="Cormack et al., SIGIR 2009",
)
