"""RMM: topics written when a session ends, merged into those they continue, ranked by what answers have cited so far.

    forward: topics → Add | Merge;   back: score = q · m + (A q) · (B m), moved by what was cited (+1) or not (-1)

Asks a model once a session and once a topic that is like a known one; learning costs no call, since citations are
feedback. ``as-coded`` takes the paper's fixed baseline of 0.5, which unlearns where the retriever misses, and reads the
best five of twenty.
Source: Z. Tan et al., "In Prospect and Retrospect: Reflective Memory Management for Long-term Personalized Dialogue
Agents", arXiv 2503.08026, 2025.
"""

from __future__ import annotations

from dataclasses import replace

from mnemic.context.within_budget import WithinBudget
from mnemic.core.pipeline import Chain, Recipe
from mnemic.evolution.add_or_merge import AddOrMerge
from mnemic.evolution.learned_ranking import LearnedRanking
from mnemic.evolution.triggers import OnFeedback
from mnemic.formation.asked_records import AskedRecords
from mnemic.formation.per_session import PerSession
from mnemic.retrieval.dense import Dense
from mnemic.retrieval.learned_score import LearnedScore

MERGED = Chain.of(AddOrMerge())

RECIPE = Recipe(
    name="rmm",
    summary="topics of sessions, merged, ranked by what was cited before",
    formation=PerSession() >> AskedRecords(task="find_topics", indexed=("title",)),
    evolution=(MERGED, OnFeedback() >> LearnedRanking(k=50)),
    retrieval=Dense(key="said", k=50) >> LearnedScore(top=50) >> WithinBudget(),
    cites="arXiv 2503.08026",
    card=49,
)

PRESETS = {
    "as-coded": replace(
        RECIPE,
        name="rmm:as-coded",
        evolution=(MERGED, OnFeedback() >> LearnedRanking(k=20, baseline=0.5)),
        retrieval=Dense(key="said", k=20) >> LearnedScore(top=20, keep=5) >> WithinBudget(),
    )
}
