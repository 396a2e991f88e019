"""COMEDY: sentences of every session are compressed into one description of three parts; nothing is searched.

    notes(i) = sentences of session i;   memory = slots(all notes so far):  user, relationship, events

The description is made anew from the notes of all sessions and not from the last description, so that errors do not add
up. Two calls of a language model a session, none when reading; the published models are tuned for these two tasks,
which here any model is asked.

Source: N. Chen et al., "Compress to Impress: Unleashing the Potential of Compressive Memory in Real-World Long-Term
Conversations", arXiv 2402.11975, 2024.
"""

from __future__ import annotations

from mnemic.context.within_budget import WithinBudget
from mnemic.core.pipeline import Recipe
from mnemic.evolution.grouped_fold import GroupedFold
from mnemic.evolution.slotted_fold import SlottedFold
from mnemic.evolution.triggers import OnSessionEnd
from mnemic.formation.asked_records import AskedRecords
from mnemic.formation.per_session import PerSession
from mnemic.retrieval.everything import Everything

RECIPE = Recipe(
    name="comedy",
    summary="sentences of all sessions compressed into user, relationship and events",
    formation=PerSession()
    >> AskedRecords(
        kind="note",
        instruction="Sentences with a named subject each. Leave out nothing that matters to either speaker.",
    ),
    evolution=(
        OnSessionEnd()
        >> GroupedFold(group="all", of=("note",), kind="profile", fold=SlottedFold(), refold=True, tokens=300),
    ),
    retrieval=Everything(kinds=("profile",)) >> WithinBudget(),
    cites="arXiv 2402.11975",
    card=203,
)
