"""Card 189, Hindsight: facts, four kinds of links, profiles of entities, beliefs with support."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mnemic.context.within_budget import WithinBudget
from mnemic.core.pipeline import Recipe
from mnemic.evolution.beliefs import Beliefs
from mnemic.evolution.causal import Causal
from mnemic.evolution.grouped_fold import GroupedFold
from mnemic.evolution.same_entity import SameEntity
from mnemic.evolution.same_time import SameTime
from mnemic.evolution.similar import Similar
from mnemic.evolution.skip_duplicates import SkipDuplicates
from mnemic.evolution.triggers import EveryEvents
from mnemic.formation.asked_records import AskedRecords
from mnemic.formation.per_turn import PerTurn
from mnemic.retrieval.cross_encoder import CrossEncoder
from mnemic.retrieval.dense import Dense
from mnemic.retrieval.during import During
from mnemic.retrieval.lexical import Lexical
from mnemic.retrieval.linked import Linked
from mnemic.retrieval.rrf import ReciprocalRankFusion
from mnemic.retrieval.time_cues import TimeCues
from mnemic.retrieval.top import Top

from .asked_records import names_said, spoken

GRAPH = Dense(key="said", k=5) >> Linked(rels=("cause", "same_entity", "similar", "same_time"), hops=2)

RECIPE = Recipe(
    name="hindsight",
    summary="facts, profiles and beliefs, linked in four ways and searched in four",
    formation=PerTurn() >> AskedRecords(task="extract_units"),
    evolution=(
        SkipDuplicates(hours=24.0) >> SameEntity() >> SameTime() >> Similar() >> Causal(),
        EveryEvents()
        >> GroupedFold(
            group="entity", kind="profile", epistemic=("evidence",), refold=True, least=5, top=5, limit=50, tokens=120
        ),
        EveryEvents() >> Beliefs(),
    ),
    retrieval=TimeCues()
    >> (Dense(key="said") | Lexical(key="said") | GRAPH | During())
    >> ReciprocalRankFusion()
    >> CrossEncoder(passages=("value",), first=0.3)
    >> Top(k=30)
    >> WithinBudget(),
    cites="arXiv 2512.12818",
    card=189,
)


def units(inputs: Mapping[str, Any]) -> dict[str, Any]:
    """A fact of what was said; "I think" makes it a belief; "because" makes two facts, effect and cause."""
    text = spoken(inputs)
    names = names_said(text)
    if text.startswith("I think "):
        told = {"text": text.removeprefix("I think "), "kind": "belief", "epistemic": "belief", "confidence": 0.6}
        return {"records": [{**told, "entities": names}]}
    effect, because, cause = text.partition(" because ")
    if not because:
        return {"records": [{"text": text, "entities": names}]}
    cause_of = {"ref": "cause", "how": "caused_by", "strength": 0.9}
    first = {"text": effect, "entities": names, "ref": "effect", "causal": [cause_of]}
    return {"records": [first, {"text": cause, "entities": names, "ref": "cause"}]}


def weigh(inputs: Mapping[str, Any]) -> dict[str, Any]:
    """A fact with "not" contradicts, one with "maybe" weakens, any other reinforces."""
    fact = inputs["fact"]
    effect = "contradict" if " not " in fact else "weaken" if "maybe" in fact else "reinforce"
    verdict = {"effect": effect} | ({"text": f"Once otherwise, now: {fact}"} if effect == "contradict" else {})
    return {"verdicts": [{"alias": belief["alias"], **verdict} for belief in inputs["beliefs"]]}


SCRIPTS = {"extract_units": units, "weigh_beliefs": weigh}
