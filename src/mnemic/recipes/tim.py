"""Think-in-Memory: thoughts, not talk, hashed into buckets in which they are searched, joined and set right.

    thoughts = (head, relation, tail) of question and answer;   bucket(x) = argmax [xR ; -xR] of 16

Asks a model twice a pair of messages: for the thoughts, and for what they mean for the six nearest in their buckets.
Four of the sixteen buckets are looked into; ``as-coded`` looks into one and finds a third of the true neighbours, so
that a contradiction in another bucket is never noticed. Profile ``exact`` searches without buckets.
Source: L. Liu et al., "Think-in-Memory: Recalling and Post-thinking Enable LLMs with Long-Term Memory",
arXiv 2311.08719, 2023.
"""

from __future__ import annotations

from dataclasses import replace

from mnemic.context.within_budget import WithinBudget
from mnemic.core.pipeline import Chain, Recipe
from mnemic.evolution.four_operations import FourOperations
from mnemic.formation.asked_records import AskedRecords
from mnemic.formation.turn_window import TurnWindow
from mnemic.retrieval.bucket import Bucket
from mnemic.retrieval.dense import Dense

RECIPE = Recipe(
    name="tim",
    summary="thoughts as triples, kept and searched by hash bucket",
    formation=TurnWindow(2) >> AskedRecords(task="extract_triples"),
    evolution=(Chain.of(FourOperations(k=6, buckets=16, probes=4)),),
    retrieval=Bucket(k=100, probes=4) >> WithinBudget(),
    profiles={"exact": Dense(key="said") >> WithinBudget()},
    cites="arXiv 2311.08719",
    card=59,
)

PRESETS = {
    "as-coded": replace(
        RECIPE,
        name="tim:as-coded",
        evolution=(Chain.of(FourOperations(k=6, buckets=16)),),
        retrieval=Bucket(k=3) >> WithinBudget(),
    )
}
