"""Mem0: facts out of each pair of messages, and one call that says what each means for the nearest known ones.

    facts = extract(pair | last 10 messages);   per fact ADD | UPDATE m | DELETE m | NONE over its 10 nearest memories

Asks a model twice a pair of messages, and never to read. Presets: ``graph`` keeps triples beside the facts, hung on
nodes of people and things, and reads the best five about those that a question names; ``v3``, what its authors do since
2026: everything is added, and cosine, squashed BM25 and a bonus for entities are summed (of 0.1: theirs of 0.5 lifts
every line that names a speaker over those that answer); ``as-coded`` compares with five memories. DELETE supersedes
here, so that "and before?" can be answered.
Source: P. Chhikara et al., "Mem0: Building Production-Ready AI Agents with Scalable Long-Term Memory",
arXiv 2504.19413, 2025.
"""

from __future__ import annotations

from dataclasses import replace

from mnemic.context.within_budget import WithinBudget
from mnemic.core.pipeline import Chain, Recipe
from mnemic.evolution.entity_graph import EntityGraph
from mnemic.evolution.four_operations import FourOperations
from mnemic.evolution.similar import Similar
from mnemic.evolution.skip_duplicates import SkipDuplicates
from mnemic.formation.asked_records import AskedRecords
from mnemic.formation.named_entities import NamedEntities
from mnemic.formation.turn_window import TurnWindow
from mnemic.retrieval.dense import Dense
from mnemic.retrieval.entity import Entity
from mnemic.retrieval.entity_nodes import EntityNodes
from mnemic.retrieval.lexical import Lexical
from mnemic.retrieval.lexical_score import LexicalScore
from mnemic.retrieval.linked import Linked
from mnemic.retrieval.min_score import MinScore
from mnemic.retrieval.per_kind import PerKind
from mnemic.retrieval.squashed_sum import SquashedSum

FACTS = TurnWindow(2) >> AskedRecords(earlier=10)
#: What leads from the names in a question over their nodes to triples, the best by their words.
ABOUT = EntityNodes() >> Linked(rels=("about",), direction="in", decay=1.0) >> LexicalScore(keep=0.1)

RECIPE = Recipe(
    name="mem0",
    summary="facts resolved against their neighbours by four operations",
    formation=FACTS,
    evolution=(Chain.of(FourOperations(k=10)),),
    retrieval=Dense(key="said") >> WithinBudget(),
    cites="arXiv 2504.19413",
    card=105,
)

GRAPH = replace(
    RECIPE,
    name="mem0:graph",
    summary="facts and triples resolved by four operations, triples found over the nodes of a question's names",
    formation=FACTS >> AskedRecords(task="extract_triples", kind="triple", earlier=10),
    evolution=(FourOperations(k=10) >> EntityGraph(),),
    retrieval=(Dense(key="said", kinds=("semantic",)) | ABOUT)
    >> PerKind(quota=100, quotas={"triple": 5, "entity": 0})
    >> WithinBudget(),
)

V3 = replace(
    RECIPE,
    name="mem0:v3",
    summary="facts that are only added, found by cosine, squashed BM25 and named entities",
    formation=TurnWindow(2) >> AskedRecords(earlier=10, near=10) >> NamedEntities(),
    evolution=(SkipDuplicates(strictness=0.999) >> Similar(k=5),),
    retrieval=(Dense(key="said") | Lexical(key="said") | Entity())
    >> SquashedSum(boost=0.1)
    >> MinScore(quantile=0.5)
    >> WithinBudget(),
)

PRESETS = {
    "graph": GRAPH,
    "v3": V3,
    "as-coded": replace(RECIPE, name="mem0:as-coded", evolution=(Chain.of(FourOperations(k=5)),)),
}
