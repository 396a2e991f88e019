"""LightMem: turns are buffered, cut by topic, shortened, read in one call a buffer, and kept true while all is quiet.

    buffer of 512 tokens → cut where attention and similarity agree → keep 70 % of the words → one extraction
    asleep: each older record is looked at once beside the newer ones near it: update | delete | ignore

Asks a model once for some 512 tokens of talk and, when idle, once for each record that newer ones may change.
Both roles are read; ``as-coded`` fills the buffer with user turns and reads no others, at a rate of 0.8.
Source: J. Fang et al., "LightMem: Lightweight and Efficient Memory-Augmented Generation", arXiv 2510.18866, 2025.
"""

from __future__ import annotations

from dataclasses import replace

from mnemic.context.within_budget import WithinBudget
from mnemic.core.pipeline import Recipe
from mnemic.evolution.target_queue import TargetQueue
from mnemic.evolution.triggers import OnIdle
from mnemic.formation.asked_records import AskedRecords
from mnemic.formation.buffered_topics import BufferedTopics
from mnemic.formation.informative_words import InformativeWords
from mnemic.retrieval.dense import Dense

RECIPE = Recipe(
    name="lightmem",
    summary="facts of shortened, buffered topics, revised newer over older when idle",
    formation=BufferedTopics(tokens=512, least=256) >> InformativeWords(rate=0.7) >> AskedRecords(),
    evolution=(OnIdle() >> TargetQueue(strictness=0.5),),
    retrieval=Dense(key="said") >> WithinBudget(),
    cites="arXiv 2510.18866",
    card=29,
)

PRESETS = {
    "as-coded": replace(
        RECIPE,
        name="lightmem:as-coded",
        formation=BufferedTopics(tokens=512, counted=("user",), least=512)
        >> InformativeWords(rate=0.8)
        >> AskedRecords(roles=("user",)),
        retrieval=Dense(key="said", k=20) >> WithinBudget(),
    )
}
