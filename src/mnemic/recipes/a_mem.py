"""A-MEM: self-contained notes that link themselves and rewrite the context and tags of their neighbours.

    note = content, keywords, context, tags;   found under content + context + keywords + tags
    new note beside its 5 nearest → links, its own tags, new context and tags of neighbours

Asks a model twice a turn and once a question, which becomes keywords. Former contexts and tags stay in the history. The
preset ``as-coded`` finds notes by their content alone and follows links one way, as the product's code does; that code
edits the first five notes of the store in place of the neighbours, which is not copied.

Source: W. Xu, Z. Liang, K. Mei et al., "A-MEM: Agentic Memory for LLM Agents", arXiv 2502.12110, 2025.
"""

from __future__ import annotations

from mnemic.context.within_budget import WithinBudget
from mnemic.core.pipeline import Chain, Recipe
from mnemic.evolution.neighbour_rewriting import NOTE_FIELDS, NeighbourRewriting
from mnemic.formation.asked_records import AskedRecords
from mnemic.formation.per_turn import PerTurn
from mnemic.retrieval.dense import Dense
from mnemic.retrieval.linked import Linked
from mnemic.retrieval.planned import Planned
from mnemic.retrieval.rrf import ReciprocalRankFusion
from mnemic.retrieval.top import Top

NOTES = Dense(key="note")
PLAN = Planned(most=1, keywords=True, instruction="keywords of what the note would say")


def a_mem(name: str, indexed: tuple[str, ...], direction: str) -> Recipe:
    """The recipe with the fields under which notes are found and the direction in which links are followed."""
    linked = Linked(rels=("similar",), direction=direction)
    return Recipe(
        name=name,
        summary="notes that link themselves and rewrite their neighbours' tags and context",
        formation=PerTurn() >> AskedRecords(task="write_note", kind="note", key="note", indexed=indexed),
        evolution=(Chain.of(NeighbourRewriting(k=5, indexed=indexed)),),
        retrieval=PLAN >> NOTES >> ReciprocalRankFusion() >> Top(k=30) >> linked >> WithinBudget(),
        profiles={"whole-question": NOTES >> Top(k=30) >> linked >> WithinBudget()},
        cites="arXiv 2502.12110",
        card=31,
    )


RECIPE = a_mem("a-mem", NOTE_FIELDS, "both")
PRESETS = {"as-coded": a_mem("a-mem:as-coded", (), "out")}
