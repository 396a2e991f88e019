"""LUFY: about a tenth of the talk is kept in reach: what moved people, what matters, and what was used.

    S = .95 · I / 2.75 - .80 · P / 400 + 4.15 · A / 15 + .65 · cited - .028 · uncited,   p = e^(-Δ / (.33 · S))
    kept after each session:  ⌈min(max(mean p, .10), .15) · N⌉ + sessions - 2   with the highest p
    score = cos + 0.1 · e^(-Δ / (.5 · S))

Arousal A comes from a list of words and surprise P from a unigram model of the context, where the paper has trained
models; importance I is asked of a language model, once a session for all turns together, and two more calls fold the
session's summary and the key summary that stands in every context. Reading asks none. The rest is archived:
a recall with ``Where(states=("active", "archived"))`` reads it too.

``as-coded`` shows only the two best memories of more than chance likeness, as the published chat does.

Source: R. Sumida, K. Inoue, T. Kawahara, "Should RAG Chatbots Forget Unimportant Conversations? Exploring Importance
and Forgetting with Psychological Insights", arXiv 2409.12524, 2024.
"""

from __future__ import annotations

from dataclasses import replace

from mnemic.context.within_budget import WithinBudget
from mnemic.core.pipeline import Chain, Recipe
from mnemic.core.stage import Filter
from mnemic.evolution.affective_strength import AffectiveStrength
from mnemic.evolution.asked_fold import AskedFold
from mnemic.evolution.asked_importance import AskedImportance
from mnemic.evolution.grouped_fold import GroupedFold
from mnemic.evolution.triggers import OnSessionEnd
from mnemic.evolution.weakest_first import WeakestFirst
from mnemic.formation.arousal import Arousal
from mnemic.formation.index_text import IndexText
from mnemic.formation.per_turn import PerTurn
from mnemic.formation.surprise import Surprise
from mnemic.formation.turn_record import TurnRecord
from mnemic.retrieval.by_strength import ByStrength
from mnemic.retrieval.dense import Dense
from mnemic.retrieval.everything import Everything
from mnemic.retrieval.min_score import MinScore
from mnemic.retrieval.per_kind import PerKind
from mnemic.retrieval.top import Top

#: Reading divides surprise by 250 where forgetting divides by 400, and lets strength last longer.
ON_READING = AffectiveStrength(surprise=2.871 * -0.280 * 400 / 250, pace=0.5)


def read(*cuts: Filter) -> Chain:
    """The key summary, and the turns and summaries that match and are strong, each kind in its own right."""
    turns, summaries = (
        Chain.of(Dense(key="said", kinds=(kind,)), ByStrength(strength=ON_READING), *cuts)
        for kind in ("episodic", "summary")
    )
    return (
        (Everything(kinds=("profile",), weight=0.5) | turns | summaries)
        >> PerKind(quota=100)
        >> WithinBudget(slots=(("key summary", ("profile",), 0.0, 0.2),))
    )


RECIPE = Recipe(
    name="lufy",
    summary="a tenth of the talk kept in reach, by arousal, surprise, importance and use",
    formation=PerTurn() >> TurnRecord() >> IndexText(key="said", date=False, captions=False) >> Arousal() >> Surprise(),
    evolution=(
        OnSessionEnd() >> AskedImportance(),
        OnSessionEnd() >> GroupedFold(of=("episodic",), fold=AskedFold(), tokens=70),
        OnSessionEnd() >> GroupedFold(group="all", of=("summary",), kind="profile", fold=AskedFold(), tokens=150),
        OnSessionEnd()
        >> WeakestFirst(strength=AffectiveStrength(), kinds=("episodic",), share=(0.10, 0.15), a_session=1),
    ),
    retrieval=read(),
    cites="arXiv 2409.12524",
    card=163,
)

PRESETS = {"as-coded": replace(RECIPE, name="lufy:as-coded", retrieval=read(MinScore(quantile=0.95), Top(2)))}
