"""How far a recipe's stages look while they write: what an erased event can have had a part in."""

from __future__ import annotations

from mnemic.core.pipeline import Recipe
from mnemic.engine.evolve import scheduled_rules

REACHES = ("event", "session", "bank")


def reach_of(recipe: Recipe) -> str:
    """``event``, ``session`` or ``bank``: the farthest of its stages'.

    >>> from mnemic.recipes import load_recipe
    >>> reach_of(load_recipe("default")), reach_of(load_recipe("rsum"))
    ('event', 'bank')
    """
    if scheduled_rules(recipe):
        return "bank"
    far = 0
    for stage in recipe.formation.stages():
        alone = stage.sight == "event" and not getattr(stage, "previous", 0) and "language-model" not in stage.needs
        far = max(far, 0 if alone else REACHES.index(stage.sight or "session") or 1)
    for rule in recipe.evolution:
        for stage in rule.stages():
            far = max(far, REACHES.index(stage.sight or "bank"))
    # What a formation stage asks of the view may lie in any session.
    return "bank" if far == 1 and "language-model" in recipe.formation.needs() else REACHES[far]
