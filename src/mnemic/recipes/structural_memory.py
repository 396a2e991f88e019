"""Structural memory: chunks, triples, atomic facts and summaries side by side, read once, graded, or in rounds.

    mixed = chunks ∪ triples ∪ facts ∪ summaries, each kind with places of its own
    rounds: qₙ₊₁ = question + thoughtₙ;   score(r) = max over rounds;   4 rounds

Three calls of a language model a passage when writing; reading asks none (``single``), one for every ten hits
(``rerank``) or three in all (``iterative``). ``sources`` shows the passages that the found units came from. The presets
keep one structure alone. The paper ranks the mixed units in one list; here each kind has its quota, since scores of
units of different grain do not compare.

Source: R. Zeng, J. Fang, S. Liu, Z. Meng, "On the Structural Memory of LLM Agents", arXiv 2412.15266, 2024.
"""

from __future__ import annotations

from mnemic.context.within_budget import WithinBudget
from mnemic.core.pipeline import Chain, Recipe
from mnemic.core.stage import Extractor
from mnemic.formation.asked_records import AskedRecords
from mnemic.formation.asked_summary import AskedSummary
from mnemic.formation.index_text import IndexText
from mnemic.formation.segment_record import SegmentRecord
from mnemic.formation.token_window import TokenWindow
from mnemic.retrieval.dense import Dense
from mnemic.retrieval.graded import Graded
from mnemic.retrieval.per_kind import PerKind
from mnemic.retrieval.rounds import Rounds
from mnemic.retrieval.sources import Sources

CHUNK = SegmentRecord(kind="chunk")
TRIPLE = AskedRecords(task="extract_triples", kind="triple")
FACT = AskedRecords(kind="fact")
SUMMARY = AskedSummary()


def readings(quota: int) -> dict[str, Chain]:
    """The ways of reading, with so many hits of each kind."""
    single = Dense(key="said", k=100) >> PerKind(quota=quota)
    found = Chain.of(Dense(key="said", k=50))
    return {
        "single": single >> WithinBudget(),
        "rerank": single >> Graded(top=100, batch=10, keep=20) >> WithinBudget(),
        "iterative": Rounds(found, task="next_thought", rounds=4, joined=True, read=50)
        >> PerKind(quota=quota)
        >> WithinBudget(),
        "sources": single >> Sources(kinds=("chunk",), instead=True) >> WithinBudget(),
    }


def structure(name: str, summary: str, *units: Extractor) -> Recipe:
    """The recipe that keeps these units of each passage."""
    profiles = readings(100 // len(units))
    return Recipe(
        name=name,
        summary=summary,
        formation=Chain.of(TokenWindow(1000), *units, IndexText(key="said", date=False, speaker=False, previous=0)),
        retrieval=profiles["single"],
        profiles=profiles,
        cites="arXiv 2412.15266",
        card=53,
    )


RECIPE = structure(
    "structural-memory", "chunks, triples, facts and summaries side by side", CHUNK, TRIPLE, FACT, SUMMARY
)

PRESETS = {
    "chunks": structure("structural-memory:chunks", "passages as they were said", CHUNK),
    "triples": structure("structural-memory:triples", "triples of each passage", TRIPLE),
    "facts": structure("structural-memory:facts", "atomic facts of each passage", FACT),
    "summaries": structure("structural-memory:summaries", "a summary of each passage", SUMMARY),
}
