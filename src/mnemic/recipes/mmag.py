"""MMAG: five layers of memory, each with its source and share of the window, and a rule for when they disagree.

    working > surroundings > conversation > events > long-term;   a layer that is contradicted is shown with a mark

Long-term: what is known of the user (facts, folded by person). Conversation: the running thread, its last turns and the
ones that the question finds. Events: what falls due on the day of the question or the next. Surroundings: turns of the
role ``context`` (place, weather, device), the latest of them. Working: turns of the role ``scratch``, set aside when a
task ends. One call of a language model a turn when writing and one a person at the end of a session, none when reading.
What is due is shown whatever is asked, so that an agent can speak first. Encryption of the long-term layer is no matter
of a recipe.

Source: S. Zeppieri, "MMAG: Mixed Memory-Augmented Generation for Large Language Models Applications", arXiv 2512.01710,
2025.
"""

from __future__ import annotations

from mnemic.context.layered import Layer, Layered
from mnemic.core.pipeline import Chain, Recipe
from mnemic.evolution.asked_fold import AskedFold
from mnemic.evolution.grouped_fold import GroupedFold
from mnemic.evolution.triggers import OnSessionEnd, OnTaskEnd
from mnemic.evolution.weakest_first import WeakestFirst
from mnemic.formation.asked_records import AskedRecords
from mnemic.formation.event_times import EventTimes
from mnemic.formation.index_text import IndexText
from mnemic.formation.per_turn import PerTurn
from mnemic.formation.turn_record import TurnRecord
from mnemic.retrieval.dense import Dense
from mnemic.retrieval.due import Due
from mnemic.retrieval.everything import Everything
from mnemic.retrieval.lexical import Lexical
from mnemic.retrieval.recent import Recent
from mnemic.retrieval.rrf import ReciprocalRankFusion

PORTRAIT = AskedFold(instruction="Biography, traits and preferences of the person, as they are now.")

RECIPE = Recipe(
    name="mmag",
    summary="five layers of memory with shares of the window and a rule for when they disagree",
    formation=PerTurn()
    >> TurnRecord(by_role={"context": "sensory", "scratch": "working"})
    >> AskedRecords(roles=("user", "assistant"))
    >> EventTimes()
    >> IndexText(key="said", previous=0),
    evolution=(
        OnSessionEnd() >> GroupedFold(group="actor", of=("semantic",), kind="profile", fold=PORTRAIT, tokens=120),
        OnTaskEnd() >> WeakestFirst(kinds=("working",), most=0),
    ),
    retrieval=(Dense(key="said") | Lexical(key="said"))
    >> ReciprocalRankFusion()
    >> Layered(
        Layer("long-term", Chain.of(Everything(kinds=("profile",))), most=0.3, rank=5)
        >> Layer("known", kinds=("semantic",), least=0.15, most=0.5, rank=6)
        >> Layer("due", Chain.of(Due(days=2, kinds=("episodic",))), most=0.2, rank=3)
        >> Layer("surroundings", Chain.of(Recent(k=3, kinds=("sensory",))), most=0.1, rank=1)
        >> Layer("said", kinds=("episodic",), least=0.3, rank=4)
        >> Layer("lately", Chain.of(Recent(k=4, kinds=("episodic", "semantic"))), most=0.2, rank=2)
        >> Layer("working", Chain.of(Everything(kinds=("working",))), most=0.2, rank=0)
    ),
    cites="arXiv 2512.01710",
    card=143,
)
