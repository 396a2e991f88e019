"""SEDM: a lesson enters only if replaying its case shows that it helps, and what it earns in use then ranks it.

    admit m  iff  reward(with m) - reward(without m) - .001 · tokens(m) ≥ .05
    rank by   cos(q, m) · w(m),   w = 1 + .25 · (successes - failures) - .02 · uses,   set aside below .1

Lessons come out of episodes that succeeded; they are found by when they help, and under a general form without names
and numbers that counts 0.7 times. The turns themselves are kept beside them. A language model is asked once an episode
for lessons and four times for each of them; reading asks none. With a reward of 0 or 1 what is admitted gained 1, which
is every lesson's first weight.

Source: H. Xu et al., "SEDM: Scalable Self-Evolving Distributed Memory for Agents", arXiv 2509.09498, 2025.
"""

from __future__ import annotations

from mnemic.context.within_budget import WithinBudget
from mnemic.core.pipeline import Recipe
from mnemic.evolution.earned_weight import EarnedWeight
from mnemic.evolution.paired_replay import PairedReplay
from mnemic.evolution.skip_duplicates import SkipDuplicates
from mnemic.evolution.triggers import OnTaskEnd
from mnemic.evolution.weakest_first import WeakestFirst
from mnemic.experience.credit import Credit
from mnemic.experience.distilled_lessons import DistilledLessons
from mnemic.formation.general_form import GeneralForm
from mnemic.formation.index_text import IndexText
from mnemic.formation.per_session import PerSession
from mnemic.formation.turn_record import TurnRecord
from mnemic.retrieval.by_strength import ByStrength
from mnemic.retrieval.dense import Dense
from mnemic.retrieval.per_kind import PerKind

LESSON = ("lesson",)
EARNED = ByStrength(strength=EarnedWeight(), weight=0.0)

RECIPE = Recipe(
    name="sedm",
    summary="lessons admitted by a paired replay and ranked by what they earn in use",
    formation=PerSession()
    >> TurnRecord()
    >> DistilledLessons()
    >> GeneralForm()
    >> IndexText(key="turn", previous=0, captions=False),
    evolution=(
        SkipDuplicates(key="lesson", strictness=0.95) >> PairedReplay(),
        OnTaskEnd() >> Credit(),
        OnTaskEnd() >> WeakestFirst(strength=EarnedWeight(), kinds=LESSON, below=0.1),
    ),
    retrieval=(
        (Dense(key="when", kinds=LESSON) >> EARNED)
        | (Dense(key="general", kinds=LESSON, weight=0.7) >> EARNED)
        | Dense(key="turn", kinds=("episodic",))
    )
    >> PerKind(quota=100, quotas={"lesson": 10})
    >> WithinBudget(),
    cites="arXiv 2509.09498",
    card=55,
)
