"""MIRIX: six types of memory, a router that says which of them an input concerns, a vault that nobody sees unasked.

    write: route → records of the types named → four operations on the neighbours of the same type
    core > 90 % of its limit → made one of 50 %
    read:  topic of the question ∪ question → 10 hits a type, each type in a section of its own

Types: core, episodic, semantic, procedural, resource, secret. Three calls of a language model for every four turns when
writing, one a question when reading. Secrets are indexed by their heading alone and are in no default scope: only
``Where(secrets=True)`` shows them. One call extracts for all types that the router named, where the paper asks an agent
for each; screenshots come later.

Source: Y. Wang and X. Chen, "MIRIX: Multi-Agent Memory System for LLM-Based Agents", arXiv 2507.07957, 2025.
"""

from __future__ import annotations

from mnemic.context.layered import Layer, Layered
from mnemic.core.pipeline import Chain, Recipe
from mnemic.evolution.four_operations import FourOperations
from mnemic.evolution.overflow import Overflow
from mnemic.evolution.slotted_fold import SlottedFold
from mnemic.evolution.triggers import EveryEvents
from mnemic.formation.asked_kinds import AskedKinds
from mnemic.formation.asked_records import AskedRecords
from mnemic.formation.event_times import EventTimes
from mnemic.formation.turn_window import TurnWindow
from mnemic.formation.vaulted import Vaulted
from mnemic.retrieval.dense import Dense
from mnemic.retrieval.during import During
from mnemic.retrieval.everything import Everything
from mnemic.retrieval.lexical import Lexical
from mnemic.retrieval.per_kind import PerKind
from mnemic.retrieval.planned import Planned

TYPES = ("episodic", "semantic", "procedural", "resource", "core", "secret")
BLOCKS = SlottedFold(
    slots=(
        ("human", "who the user is, what they want to be remembered of them"),
        ("persona", "how the assistant is to behave towards them"),
    )
)
TOPIC = Planned(most=1, instruction="Name the topic of the question in a few words, as one search.")

RECIPE = Recipe(
    name="mirix",
    summary="six types of memory behind a router, a core that is rewritten when full, a vault for secrets",
    formation=TurnWindow(size=4)
    >> AskedKinds(kinds=TYPES)
    >> AskedRecords(task="extract_typed", kind="episodic", kinds=TYPES, indexed=("title", "steps"))
    >> EventTimes()
    >> Vaulted(),
    evolution=(
        Chain.of(FourOperations(k=10)),
        EveryEvents(1) >> Overflow(kind="core", limit=1200, at=0.9, to=0.5, fold=BLOCKS),
    ),
    retrieval=TOPIC
    >> (Dense(key="said") | Lexical(key="said") | During(kinds=("episodic",)))
    >> PerKind(quota=10)
    >> Layered(
        Layer("core", Chain.of(Everything(kinds=("core",))), most=0.4)
        >> Layer("episodic", kinds=("episodic",), least=0.2, rank=1)
        >> Layer("semantic", kinds=("semantic",), least=0.1, rank=2)
        >> Layer("procedural", kinds=("procedural",), rank=3)
        >> Layer("resource", kinds=("resource",), rank=4)
        >> Layer("vault", kinds=("secret",), rank=5)
    ),
    cites="arXiv 2507.07957",
    card=149,
)
