"""MemPrompt: how a user meant a question, attached to every later question of the same form.

    question  →  correction with cos(form, form) ≥ θ(.95) + .6 · (1 - θ(.95)), or none   +   what the host memory finds

A layer over a host memory (here turns found by words and meaning): corrections come in by feedback on a receipt, are
keyed by the question without its arguments, and get a block of their own before the rest. Abstaining is the rule, so
the context does not grow with the number of corrections. No language model is asked.

``as-coded`` compares letters as the published memory without a trained encoder does: fewer than six edits.

Source: A. Madaan, N. Tandon, P. Clark, Y. Yang, "Memory-assisted prompt editing to improve GPT-3 after deployment",
arXiv 2201.06009, 2022.
"""

from __future__ import annotations

from dataclasses import replace

from mnemic.context.within_budget import WithinBudget
from mnemic.core.pipeline import Chain, Recipe
from mnemic.formation.correction_record import CorrectionRecord
from mnemic.formation.index_text import IndexText
from mnemic.formation.per_turn import PerTurn
from mnemic.formation.turn_record import TurnRecord
from mnemic.retrieval.dense import Dense
from mnemic.retrieval.lexical import Lexical
from mnemic.retrieval.per_kind import PerKind
from mnemic.retrieval.same_question import SameQuestion

HOST = ("episodic",)


def read(corrections: SameQuestion) -> Chain:
    """The host's search beside the corrections of the same question."""
    return (
        (corrections | Lexical(key="turn", kinds=HOST) | Dense(key="turn", kinds=HOST))
        >> PerKind(quota=100)
        >> WithinBudget(slots=(("clarification", ("correction",), 0.0, 0.5),))
    )


RECIPE = Recipe(
    name="mem-prompt",
    summary="corrections of how a question is meant, over a host memory",
    formation=PerTurn()
    >> TurnRecord(without=("feedback",))
    >> CorrectionRecord()
    >> IndexText(key="turn", previous=0, captions=False),
    retrieval=read(SameQuestion()),
    cites="arXiv 2201.06009",
    card=69,
)

PRESETS = {"as-coded": replace(RECIPE, name="mem-prompt:as-coded", retrieval=read(SameQuestion(edits=6)))}
