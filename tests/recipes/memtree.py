"""Card 171, MemTree: an online tree where depth means detail, folded upwards at every insertion."""

from __future__ import annotations

from mnemic.context.within_budget import WithinBudget
from mnemic.core.pipeline import Chain, Recipe
from mnemic.core.stage import Fold
from mnemic.evolution.extractive import Extractive
from mnemic.evolution.tree import Tree
from mnemic.formation.index_text import IndexText
from mnemic.formation.per_turn import PerTurn
from mnemic.formation.turn_record import TurnRecord
from mnemic.retrieval.dense import Dense


def recipe_with(fold: Fold, tokens: int = 120) -> Recipe:
    """The tree with a way to fold: the model-free one, or one that asks."""
    return Recipe(
        name="memtree",
        summary="an online tree, summaries and details in one ranking",
        formation=PerTurn()
        >> TurnRecord()
        >> IndexText(key="node", date=False, speaker=False, captions=False, previous=0, lexical=False),
        evolution=(Chain.of(Tree(fold=fold, tokens=tokens)),),
        retrieval=Dense(key="node") >> WithinBudget(),
        cites="arXiv 2410.14052",
        card=171,
    )


RECIPE = recipe_with(Extractive())
SCRIPTS: dict[str, object] = {}
