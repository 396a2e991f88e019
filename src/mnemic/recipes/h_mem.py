"""H-MEM: episodes below keywords below categories below domains, read from the top down.

    M(1) = top labels;   M(l) = the nearest children of M(l - 1);   answer from the episodes below the last

Asks a model once a turn to file it; labels that fit are used again, and an episode also hangs below a second label that
is nearly its own. A wrong label at the top hides what is below, so that the beam is fused with a flat search; the
profile ``tree`` is the beam alone. Feedback (correct, wrong) makes an episode weigh more or less.

Source: H. Sun and S. Zeng, "Hierarchical Memory for High-Efficiency Long-Term Reasoning in LLM Agents", arXiv
2507.22925, 2025.
"""

from __future__ import annotations

from mnemic.context.within_budget import WithinBudget
from mnemic.core.pipeline import Chain, Recipe
from mnemic.evolution.earned_weight import EarnedWeight
from mnemic.evolution.label_tree import LabelTree
from mnemic.formation.asked_records import AskedRecords
from mnemic.formation.per_turn import PerTurn
from mnemic.retrieval.by_strength import ByStrength
from mnemic.retrieval.dense import Dense
from mnemic.retrieval.rrf import ReciprocalRankFusion
from mnemic.retrieval.tree_beam import TreeBeam

BEAM = TreeBeam(key="said", roots="level-1", beam=10, kinds=("episodic",))
FLAT = Dense(key="said", kinds=("episodic",))
APPROVED = ByStrength(strength=EarnedWeight(cost=0.0), weight=0.0)

RECIPE = Recipe(
    name="h-mem",
    summary="four layers from domain to episode, searched from the top down and flat",
    formation=PerTurn() >> AskedRecords(task="label_episode", kind="episodic", kinds=("label",), near=10),
    evolution=(Chain.of(LabelTree(parents=2)),),
    retrieval=(BEAM | FLAT) >> ReciprocalRankFusion() >> APPROVED >> WithinBudget(),
    profiles={"tree": BEAM >> WithinBudget(), "flat": FLAT >> WithinBudget()},
    cites="arXiv 2507.22925",
    card=73,
)
