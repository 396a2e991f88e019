"""MemTree: an online tree where depth means detail; every turn walks down from the root and is folded in on its way.

    descend to the most alike child while cos ≥ θ0 · exp(λ · depth / D);   θ0 a quantile of random pairs, λ = 0.5, D = 8
    read: all levels in one search, each measured by its own level

Asks a model once for each ancestor of a new turn, which are few. The preset ``model-free`` folds by extraction; the
profile ``beam`` walks down from the top instead of searching all levels.

Source: A. Rezazadeh et al., "From Isolated Conversations to Hierarchical Schemas: Dynamic Tree Memory Representation
for LLMs", arXiv 2410.14052, 2024.
"""

from __future__ import annotations

from mnemic.context.within_budget import WithinBudget
from mnemic.core.pipeline import Chain, Recipe
from mnemic.core.stage import Fold
from mnemic.evolution.asked_fold import AskedFold
from mnemic.evolution.extractive import Extractive
from mnemic.evolution.tree import Tree
from mnemic.formation.index_text import IndexText
from mnemic.formation.per_turn import PerTurn
from mnemic.formation.turn_record import TurnRecord
from mnemic.retrieval.collapsed_tree import CollapsedTree
from mnemic.retrieval.dense import Dense
from mnemic.retrieval.tree_beam import TreeBeam

NODES = IndexText(key="node", date=False, captions=False, previous=0, lexical=False)


def memtree(name: str, fold: Fold) -> Recipe:
    """The tree with a way to fold: one that asks, or the model-free one."""
    return Recipe(
        name=name,
        summary="an online tree, summaries and details of every level in one ranking",
        formation=PerTurn() >> TurnRecord() >> NODES,
        evolution=(Chain.of(Tree(fold=fold)),),
        retrieval=CollapsedTree() >> WithinBudget(),
        profiles={
            "beam": TreeBeam(key="node", kinds=("episodic",)) >> WithinBudget(),
            "leaves": Dense(key="node", kinds=("episodic",)) >> WithinBudget(),
        },
        cites="arXiv 2410.14052",
        card=171,
    )


RECIPE = memtree("memtree", AskedFold())
PRESETS = {"model-free": memtree("memtree:model-free", Extractive())}
