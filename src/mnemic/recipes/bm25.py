"""Plain BM25 over single turns: the floor that every architecture must pass.

Each turn is a record, indexed by its words with their date and speaker; no model of any kind.
Source: S. Robertson, H. Zaragoza, "The Probabilistic Relevance Framework: BM25 and Beyond", 2009.
"""

from __future__ import annotations

from mnemic.context.within_budget import WithinBudget
from mnemic.core.pipeline import Recipe
from mnemic.formation.index_text import IndexText
from mnemic.formation.per_turn import PerTurn
from mnemic.formation.turn_record import TurnRecord
from mnemic.retrieval.lexical import Lexical

RECIPE = Recipe(
    name="bm25",
    summary="BM25 over single turns with date and speaker; no model",
    formation=PerTurn() >> TurnRecord() >> IndexText(key="turn", previous=0, captions=False, dense=False),
    retrieval=Lexical(key="turn") >> WithinBudget(),
    cites="Robertson and Zaragoza 2009",
)
