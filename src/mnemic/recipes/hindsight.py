"""Hindsight: facts, profiles and beliefs kept apart, facts linked in four ways and searched in four.

    links: same entity, same time (24 h), similar, cause;   searches: meaning, words, graph, time
    rank = reciprocal ranks within each kind → reranker + 0.3 · rank + 0.1 · time + 0.1 · recency
    belief: confidence = (2 · prior + support) / (2 + support + opposition)

Asks a model once a turn for facts, once a new fact on an entity with beliefs, and for the profiles of the five entities
with most news, when they have five facts. Names are written as they are known. What recency adds is only added where
the question asks how things stand. Facts alone: ``where=Where(epistemic=("evidence", "inference"))``.

Source: C. Latimer et al., "Hindsight is 20/20: Building Agent Memory that Retains, Recalls, and Reflects", arXiv
2512.12818, 2025.
"""

from __future__ import annotations

from mnemic.context.within_budget import WithinBudget
from mnemic.core.pipeline import Recipe
from mnemic.evolution.asked_fold import AskedFold
from mnemic.evolution.beliefs import Beliefs
from mnemic.evolution.causal import Causal
from mnemic.evolution.grouped_fold import GroupedFold
from mnemic.evolution.same_entity import SameEntity
from mnemic.evolution.same_time import SameTime
from mnemic.evolution.similar import Similar
from mnemic.evolution.skip_duplicates import SkipDuplicates
from mnemic.evolution.triggers import EveryEvents
from mnemic.formation.asked_records import AskedRecords
from mnemic.formation.event_times import EventTimes
from mnemic.formation.known_names import KnownNames
from mnemic.formation.per_turn import PerTurn
from mnemic.retrieval.cross_encoder import CrossEncoder
from mnemic.retrieval.dense import Dense
from mnemic.retrieval.during import During
from mnemic.retrieval.lexical import Lexical
from mnemic.retrieval.per_kind import PerKind
from mnemic.retrieval.recency import Recency
from mnemic.retrieval.spreading_activation import SpreadingActivation
from mnemic.retrieval.time_cues import TimeCues
from mnemic.retrieval.time_proximity import TimeProximity
from mnemic.retrieval.top import Top

MEANING = Dense(key="said")
WORDS = Lexical(key="said")
CAUSES_FIRST = {"causes": 2.0, "enables": 1.5, "prevents": 1.5}
GRAPH = Dense(key="said", k=5) >> SpreadingActivation(
    rels=("cause", "same_entity", "similar", "same_time"), boosts=CAUSES_FIRST, limit=100
)
TIME = During(k=50) >> SpreadingActivation(rels=("cause", "same_time"), decay=0.7, stop=0.2, limit=100)
RANKED = (
    CrossEncoder(top=60, passages=("dated",), first=0.3)
    >> TimeProximity(0.1)
    >> Recency(0.1, 180.0)
    >> Top(k=60)
    >> WithinBudget()
)
KINDS = PerKind(quota=40, quotas={"profile": 5, "belief": 5})
PROFILES = GroupedFold(
    group="entity",
    of=("semantic", "episodic"),
    kind="profile",
    fold=AskedFold(instruction="neutral statements about the person or thing, without judgement"),
    epistemic=("evidence",),
    refold=True,
    least=5,
    top=5,
    limit=50,
    tokens=120,
)

RECIPE = Recipe(
    name="hindsight",
    summary="facts, profiles and beliefs, linked in four ways and searched in four",
    formation=PerTurn() >> AskedRecords(task="extract_units", earlier=4) >> EventTimes() >> KnownNames(),
    evolution=(
        SkipDuplicates(hours=24.0) >> SameEntity() >> SameTime() >> Similar() >> Causal(),
        EveryEvents() >> PROFILES,
        EveryEvents() >> Beliefs(),
    ),
    retrieval=TimeCues(anchor=WORDS) >> (MEANING | WORDS | GRAPH | TIME) >> KINDS >> RANKED,
    profiles={
        "fast": TimeCues(anchor=WORDS) >> (MEANING | WORDS | GRAPH | TIME) >> KINDS >> Top(k=60) >> WithinBudget(),
    },
    cites="arXiv 2512.12818",
    card=189,
)
