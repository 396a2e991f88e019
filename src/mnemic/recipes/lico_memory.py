"""LiCoMemory: a light graph of names and triples is only the index; text stays in turns and session summaries.

    entities near the question → triples about them:  s = cos(q, triple) + 0.2 / (rank of its entity + 1)
    s' = 0.2 · cos(q, summary of its session) + 0.8 · s
    s'' = s' · exp(-(Δ / median Δ)^0.1)   where the question has a time

Asks a model twice a session. The context: 20 triples, the turns they rest on, one session summary. The preset
``as-coded`` leaves the time weight out, as the released configuration does.

Source: Z. Huang et al., "LiCoMemory: Lightweight and Cognitive Agentic Memory for Efficient Long-Term Reasoning", arXiv
2511.01448, 2025.
"""

from __future__ import annotations

from mnemic.context.within_budget import WithinBudget
from mnemic.core.pipeline import Chain, Recipe
from mnemic.evolution.entity_graph import EntityGraph
from mnemic.formation.asked_records import AskedRecords
from mnemic.formation.asked_summary import AskedSummary
from mnemic.formation.index_text import IndexText
from mnemic.formation.per_session import PerSession
from mnemic.formation.turn_record import TurnRecord
from mnemic.retrieval.about_entities import AboutEntities
from mnemic.retrieval.dense import Dense
from mnemic.retrieval.per_kind import PerKind
from mnemic.retrieval.sources import Sources
from mnemic.retrieval.summary_prior import SummaryPrior
from mnemic.retrieval.time_cues import TimeCues
from mnemic.retrieval.top import Top
from mnemic.retrieval.weibull_time import WeibullTime

TRIPLES = AboutEntities(kinds=("triple",), k=40) >> SummaryPrior(weight=0.2)
SUMMARY = Dense(key="said", k=1, kinds=("summary",))
PARTS = PerKind(quotas={"triple": 20, "episodic": 15, "summary": 1})


def lico_memory(name: str, triples: Chain) -> Recipe:
    """The recipe with a ranking of triples."""
    found = triples >> Top(k=20) >> Sources()
    return Recipe(
        name=name,
        summary="a graph of names and triples as the index, turns and session summaries as the text",
        formation=PerSession()
        >> TurnRecord()
        >> AskedSummary(tokens=220, instruction="up to five keywords first, then each theme with its title")
        >> AskedRecords(task="extract_triples", kind="triple")
        >> IndexText(key="turn", previous=0, captions=False, kinds=("episodic",)),
        evolution=(Chain.of(EntityGraph(kinds=("triple",), strictness=0.7)),),
        retrieval=TimeCues() >> (found | SUMMARY) >> PARTS >> WithinBudget(),
        cites="arXiv 2511.01448",
        card=175,
    )


RECIPE = lico_memory("lico-memory", TRIPLES >> WeibullTime(k=0.1))
PRESETS = {"as-coded": lico_memory("lico-memory:as-coded", TRIPLES)}
