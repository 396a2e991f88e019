"""Card 169, ReMe: lessons of episodes, found by when to use them, counted, and set aside when they do not help."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from mnemic.context.within_budget import WithinBudget
from mnemic.core.pipeline import Chain, Recipe
from mnemic.evolution.skip_duplicates import SkipDuplicates
from mnemic.evolution.triggers import OnTaskEnd
from mnemic.evolution.utility_ratio import UtilityRatio
from mnemic.experience.credit import Credit
from mnemic.experience.distilled_lessons import DistilledLessons
from mnemic.formation.per_session import PerSession
from mnemic.retrieval.dense import Dense

RECIPE = Recipe(
    name="reme",
    summary="lessons of episodes, keyed by when to use them, pruned by use",
    formation=PerSession() >> DistilledLessons(),
    evolution=(
        Chain.of(SkipDuplicates(key="lesson", strictness=0.95)),
        OnTaskEnd() >> Credit(),
        OnTaskEnd(10) >> UtilityRatio(),
    ),
    retrieval=Dense(key="when", k=5, kinds=("lesson",)) >> WithinBudget(),
    cites="arXiv 2512.10696",
    card=169,
)
WITHOUT_PRUNING = replace(RECIPE, name="reme-unpruned", evolution=RECIPE.evolution[:2])


def distil(inputs: Mapping[str, Any]) -> dict[str, Any]:
    """The steps, to be used when the same task comes again."""
    lesson = "; ".join(inputs["steps"]) or inputs["task"]
    return {"lessons": [{"when_to_use": inputs["task"], "lesson": lesson, "score": 0.9}]}


SCRIPTS = {"distil": distil}
