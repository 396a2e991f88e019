"""Card 31, A-MEM: notes that link themselves and rewrite the context and tags of their neighbours."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mnemic.context.within_budget import WithinBudget
from mnemic.core.pipeline import Chain, Recipe
from mnemic.evolution.neighbour_rewriting import NOTE_FIELDS, NeighbourRewriting
from mnemic.formation.asked_records import AskedRecords
from mnemic.formation.per_turn import PerTurn
from mnemic.retrieval.dense import Dense
from mnemic.retrieval.linked import Linked
from mnemic.retrieval.top import Top

from .asked_records import spoken

RECIPE = Recipe(
    name="a-mem",
    summary="notes that link themselves and rewrite their neighbours' tags and context",
    formation=PerTurn() >> AskedRecords(task="write_note", kind="note", key="note", indexed=NOTE_FIELDS),
    evolution=(Chain.of(NeighbourRewriting(k=3)),),
    retrieval=Dense(key="note") >> Top(k=10) >> Linked(rels=("similar",)) >> WithinBudget(),
    cites="arXiv 2502.12110",
    card=31,
)


def write_note(inputs: Mapping[str, Any]) -> dict[str, Any]:
    """Keywords are the long words, the context is who spoke, the tag is the last word."""
    words = [word.strip(".,?!").lower() for word in spoken(inputs).split()]
    told = {"keywords": [word for word in words if len(word) > 5], "context": f"{inputs['turns'][0]['speaker']} speaks"}
    return {"records": [{"text": spoken(inputs), "tags": words[-1:], **told}]}


def evolve(inputs: Mapping[str, Any]) -> dict[str, Any]:
    """Connects with the nearest neighbour and gives every neighbour the new note's tags."""
    tags = inputs["note"]["tags"]
    rewrite = [
        {"alias": n["alias"], "context": f"near: {inputs['note']['content']}", "tags": sorted({*n["tags"], *tags})}
        for n in inputs["neighbours"]
    ]
    return {"connections": [inputs["neighbours"][0]["alias"]], "tags": [*tags, "linked"], "rewrite": rewrite}


SCRIPTS = {"write_note": write_note, "evolve_neighbours": evolve}
