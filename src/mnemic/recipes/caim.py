"""CAIM: a controller decides whether to look, tags and time decide where, and a review tidies up after each session.

    need?  no → nothing.   found = events with a chosen tag ∩ the time asked about,   less what does not help

At the end of a session its key events are written down with tags, from those in use where they fit; then events that
share a tag are compared: what repeats is joined, and of a state only the latest stays. No vector takes part. A language
model is asked once in twenty turns and once a session; a read asks it three times: whether memory is needed, for the
tags, and what helps. Events to which no tag was given are tagged with their key phrases.

Source: R. Westhäußer, F. Berenz, W. Minker, S. Zepf, "CAIM: Development and Evaluation of a Cognitive AI Memory
Framework for Long-Term Interaction with Intelligent Agents", arXiv 2505.13044, 2025.
"""

from __future__ import annotations

from mnemic.context.within_budget import WithinBudget
from mnemic.core.pipeline import Recipe
from mnemic.evolution.tag_review import TagReview
from mnemic.evolution.triggers import OnSessionEnd
from mnemic.formation.asked_records import AskedRecords
from mnemic.formation.key_phrases import KeyPhrases
from mnemic.formation.turn_window import TurnWindow
from mnemic.retrieval.chosen import Chosen
from mnemic.retrieval.chosen_tags import ChosenTags
from mnemic.retrieval.lexical import Lexical
from mnemic.retrieval.needed import Needed
from mnemic.retrieval.time_cues import TimeCues

THOUGHTS = AskedRecords(
    dense=False,
    ontology=100,
    instruction="Only key events, each as what it tells of the person; tags in use if they fit.",
)

RECIPE = Recipe(
    name="caim",
    summary="tagged events behind a controller, reviewed by tag after each session",
    formation=TurnWindow(size=20) >> THOUGHTS >> KeyPhrases(most=3, untagged=True),
    evolution=(OnSessionEnd() >> TagReview(),),
    retrieval=Needed()
    >> TimeCues(anchor=Lexical(key="said"))
    >> ChosenTags()
    >> Chosen(most=20, of=60)
    >> WithinBudget(),
    cites="arXiv 2505.13044",
    card=83,
)
