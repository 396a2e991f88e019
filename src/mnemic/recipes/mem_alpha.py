"""Mem-α: chunk by chunk a model writes a small core, facts and events by tool calls, and reads them by their words.

    calls(core, newest 20 facts and events, chunk) = insert | update | delete ...;   tokens(core) ≤ 512
    read: the core whole, the best 20 facts and the best 20 events by BM25

Asks a model once for ten turns and never to read. In the paper the calls are learnt from whether questions are answered
later; here they are asked for, by the task ``memory_tools``. Profile ``dense`` searches by meaning.
Source: Y. Wang et al., "Mem-α: Learning Memory Construction via Reinforcement Learning", arXiv 2509.25911, 2025.
"""

from __future__ import annotations

from mnemic.context.within_budget import WithinBudget
from mnemic.core.pipeline import Chain, Recipe
from mnemic.evolution.tool_driven import ToolDriven
from mnemic.formation.segment_record import SegmentRecord
from mnemic.formation.turn_window import TurnWindow
from mnemic.retrieval.dense import Dense
from mnemic.retrieval.everything import Everything
from mnemic.retrieval.lexical import Lexical
from mnemic.retrieval.per_kind import PerKind

CORE = Everything(kinds=("core",))
SHOWN = PerKind(quota=20) >> WithinBudget(slots=(("core", ("core",), 0.0, 1.0),))

RECIPE = Recipe(
    name="mem-alpha",
    summary="a bounded core, facts and events written by tool calls",
    formation=TurnWindow(10) >> SegmentRecord(),
    evolution=(Chain.of(ToolDriven()),),
    retrieval=(CORE | Lexical(key="said", kinds=("semantic",), k=20) | Lexical(key="said", kinds=("episodic",), k=20))
    >> SHOWN,
    profiles={
        "dense": (CORE | Dense(key="said", kinds=("semantic",), k=20) | Dense(key="said", kinds=("episodic",), k=20))
        >> SHOWN
    },
    cites="arXiv 2509.25911",
    card=85,
)
