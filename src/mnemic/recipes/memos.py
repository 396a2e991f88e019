"""MemOS, the text part: raw turns at once, facts fused with their like, summaries above them, what is used pinned.

    new fact beside its 5 nearest: redundant or contradictory → one fused text, both archived, edges inherited
    every 20 turns: clusters of at most 20 get a summary above them;   after feedback: the most used facts are pinned

Asks a model up to three times a turn (facts, pairs, relations), once for each fusion, and for summaries. The profile
``fine`` has a model plan the searches. The preset ``cube`` is the short paper's unit alone: header, versions, states
and restoring are the engine's own, so that it is facts that are fused, and set aside when their time is over.

Source: Z. Li et al., "MemOS: A Memory OS for AI System", arXiv 2507.03724, 2025; Z. Li et al., "MemOS: An Operating
System for Memory-Augmented Generation (MAG) in Large Language Models (Short Version)", arXiv 2505.22101, 2025.
"""

from __future__ import annotations

from mnemic.context.within_budget import WithinBudget
from mnemic.core.pipeline import Chain, Recipe
from mnemic.evolution.asked_fold import AskedFold
from mnemic.evolution.cluster_parents import ClusterParents
from mnemic.evolution.fuse_or_newer import FuseOrNewer
from mnemic.evolution.newness import Newness
from mnemic.evolution.promotion import Promotion
from mnemic.evolution.triggers import EveryEvents, OnDue, OnFeedback
from mnemic.evolution.typed_relations import TypedRelations
from mnemic.evolution.weakest_first import WeakestFirst
from mnemic.formation.asked_records import AskedRecords
from mnemic.formation.index_text import IndexText
from mnemic.formation.key_phrases import KeyPhrases
from mnemic.formation.named_entities import NamedEntities
from mnemic.formation.per_turn import PerTurn
from mnemic.formation.turn_record import TurnRecord
from mnemic.retrieval.dense import Dense
from mnemic.retrieval.entity import Entity
from mnemic.retrieval.lexical import Lexical
from mnemic.retrieval.per_kind import PerKind
from mnemic.retrieval.pinned import Pinned
from mnemic.retrieval.planned import Planned
from mnemic.retrieval.rrf import ReciprocalRankFusion
from mnemic.retrieval.tagged import Tagged

FACTS = ("semantic", "profile")
RELATIONS = (
    ("relate", "both are about one thing, without more"),
    ("cause", "the older led to the newer"),
    ("condition", "the newer holds only if the older does"),
    ("conflict", "both cannot hold at one time"),
    ("none", "no clear evidence of any of these"),
)
RECALLED = (
    (Dense(key="said") | Lexical(key="said") | Tagged(kinds=FACTS) | Entity(kinds=FACTS))
    >> PerKind(quota=25, quotas={"summary": 5, "turn": 15})
    >> Pinned()
    >> WithinBudget()
)
FORMATION = (
    PerTurn()
    >> TurnRecord(kind="turn")
    >> AskedRecords(task="extract_typed", kinds=FACTS)
    >> NamedEntities()
    >> KeyPhrases(most=3)
    >> IndexText(key="said", date=False, speaker=False, captions=False, previous=0)
)

RECIPE = Recipe(
    name="memos",
    summary="facts fused with their like, summaries of clusters, what is used most pinned",
    formation=FORMATION,
    evolution=(
        FuseOrNewer(kinds=FACTS) >> TypedRelations(k=10, relations=RELATIONS, kinds=FACTS, earlier=False),
        EveryEvents(20) >> ClusterParents(of=FACTS, fold=AskedFold()),
        OnFeedback() >> Promotion(kinds=FACTS),
    ),
    retrieval=RECALLED,
    profiles={"fine": Planned(most=2, keywords=True) >> RECALLED},
    cites="arXiv 2507.03724",
    card=9,
)


def cube(days: float) -> Recipe:
    """Facts with a time to live in days."""
    return Recipe(
        name="memos:cube",
        summary="facts fused with their like, set aside when their time is over",
        formation=PerTurn() >> AskedRecords(task="extract_facts"),
        evolution=(
            Chain.of(FuseOrNewer()),
            OnDue(hours=24.0) >> WeakestFirst(strength=Newness(), below=-days, kinds=("semantic",)),
        ),
        retrieval=(Dense(key="said") | Lexical(key="said")) >> ReciprocalRankFusion() >> WithinBudget(),
        cites="arXiv 2505.22101",
        card=21,
    )


PRESETS = {"cube": cube(days=5 * 365.0)}
