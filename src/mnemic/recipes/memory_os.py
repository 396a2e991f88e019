"""MemoryOS: a short queue, topics of what has left it, and long-term memory of what grew hot.

    joins a topic when (cos - θ(.99)) / (1 - θ(.99)) + Jaccard ≥ .6;    heat = citations + pages + e^(-hours / 24)
    heat ≥ 5  →  the topic's new pages go into the profile and into facts, and its heat falls

The newest ten pages are always in the context. Of the others, chains of pages that hang together are sorted into
topics; reading goes to the five topics nearest to the question and ranks their pages, beside facts and the profile.
A language model is asked about each page that leaves the queue, once a chain for its topics, and twice a promotion;
reading asks none. Heat promotes and does not forget; topics are archived above 2000 by use, facts above 200 by age.

``as-coded`` puts every page of a chain into each of its topics, as the published code does; ``locomo`` has the
constants of the paper's run on that benchmark: a queue of one page, and heat .8, .8, .0001.

Source: J. Kang, M. Ji, Z. Zhao, T. Bai, "Memory OS of AI Agent", arXiv 2506.06326, 2025.
"""

from __future__ import annotations

from dataclasses import replace

from mnemic.context.within_budget import WithinBudget
from mnemic.core.pipeline import Chain, Recipe
from mnemic.evolution.asked_fold import AskedFold
from mnemic.evolution.heat import Heat
from mnemic.evolution.heat_promotion import HeatPromotion
from mnemic.evolution.topic_segments import TopicSegments
from mnemic.evolution.triggers import EveryEvents
from mnemic.evolution.weakest_first import WeakestFirst
from mnemic.formation.asked_records import AskedRecords
from mnemic.formation.continuity import Continuity
from mnemic.formation.index_text import IndexText
from mnemic.formation.per_turn import PerTurn
from mnemic.formation.turn_record import TurnRecord
from mnemic.retrieval.dense import Dense
from mnemic.retrieval.everything import Everything
from mnemic.retrieval.per_kind import PerKind
from mnemic.retrieval.recent import Recent
from mnemic.retrieval.tree_beam import TreeBeam

PAGES = ("episodic",)
TRAITS = AskedFold(instruction="Describe the person: traits, needs, tastes, each with how sure it is and why.")
TOPICS = TopicSegments(segmenter=Continuity())
PROMOTION = HeatPromotion(extractor=AskedRecords(), fold=TRAITS)


def read(short: int) -> Chain:
    """The newest ``short`` pages, those of the nearest topics, facts and the profile, each kind in its own right."""
    return (
        (
            Recent(k=short, kinds=PAGES)
            | TreeBeam(key="said", roots="topics", beam=5, depth=2, kinds=PAGES)
            | Dense(key="said", kinds=("semantic",), k=20)
            | Everything(kinds=("profile",), weight=0.5)
        )
        >> PerKind(quota=100)
        >> WithinBudget(slots=(("profile", ("profile",), 0.0, 0.2),))
    )


RECIPE = Recipe(
    name="memory-os",
    summary="a short queue, topics with heat, and a long-term profile and facts",
    formation=PerTurn() >> TurnRecord() >> IndexText(key="said", date=False, previous=0, captions=False),
    evolution=(
        EveryEvents() >> TOPICS,
        EveryEvents() >> PROMOTION,
        EveryEvents(10) >> WeakestFirst(kinds=("semantic",), most=200),
        EveryEvents(10) >> WeakestFirst(strength=Heat(pages=0.0, recency=0.01), kinds=("topic",), most=2000),
    ),
    retrieval=read(10),
    cites="arXiv 2506.06326",
    card=35,
)

PRESETS = {
    "as-coded": replace(
        RECIPE,
        name="memory-os:as-coded",
        evolution=(EveryEvents() >> replace(TOPICS, published=True), *RECIPE.evolution[1:]),
    ),
    "locomo": replace(
        RECIPE,
        name="memory-os:locomo",
        evolution=(
            EveryEvents() >> replace(TOPICS, queue=1),
            EveryEvents() >> replace(PROMOTION, strength=Heat(0.8, 0.8, 0.0001)),
            *RECIPE.evolution[2:],
        ),
        retrieval=read(1),
    ),
}
