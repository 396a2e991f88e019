"""MemoryBank: exchanges, a summary of each day, a portrait that grows with the days, and a curve of forgetting.

    R = e^(-t / (5 · S)),   S = 1 + times cited,   t = days since it was last used;   set aside when R < 0.05

The days' summaries fold into an overall one, and so do the traits seen on each day; both stand before what is found.
Forgotten exchanges are archived, and their day's summary stays; a recall with ``Where(states=("active", "archived"))``
reads them too. Reads change nothing: a memory is rehearsed by feedback of kind ``cited``. A language model is asked
four times at the end of a session, never when reading.

``as-coded`` has the published code's exponent, by which rehearsal makes forget faster, and its draw at every sweep, by
which forgetting depends on how often it is looked.

Source: W. Zhong, L. Guo, Q. Gao, H. Ye, Y. Wang, "MemoryBank: Enhancing Large Language Models with Long-Term Memory",
arXiv 2305.10250, 2023.
"""

from __future__ import annotations

from dataclasses import replace

from mnemic.context.within_budget import WithinBudget
from mnemic.core.pipeline import Recipe
from mnemic.evolution.asked_fold import AskedFold
from mnemic.evolution.grouped_fold import GroupedFold
from mnemic.evolution.retention import Retention
from mnemic.evolution.triggers import OnSessionEnd
from mnemic.evolution.weakest_first import WeakestFirst
from mnemic.formation.index_text import IndexText
from mnemic.formation.segment_record import SegmentRecord
from mnemic.formation.turn_window import TurnWindow
from mnemic.retrieval.dense import Dense
from mnemic.retrieval.everything import Everything
from mnemic.retrieval.per_kind import PerKind

TRAITS = AskedFold(
    instruction="Describe the person: traits, mood, tastes, and how to talk with them. Leave out what merely happened."
)

RECIPE = Recipe(
    name="memory-bank",
    summary="exchanges and daily summaries under a curve of forgetting, with a portrait that grows",
    formation=TurnWindow(size=2) >> SegmentRecord() >> IndexText(key="said", speaker=False, captions=False, previous=0),
    evolution=(
        OnSessionEnd() >> GroupedFold(group="day", of=("episodic",), fold=AskedFold()),
        OnSessionEnd() >> GroupedFold(of=("summary",), fold=AskedFold(), group="all", kind="overall", tokens=150),
        OnSessionEnd() >> GroupedFold(group="day", of=("episodic",), kind="traits", fold=TRAITS, tokens=80),
        OnSessionEnd() >> GroupedFold(of=("traits",), fold=TRAITS, group="all", kind="profile", tokens=150),
        OnSessionEnd() >> WeakestFirst(strength=Retention(days=5.0), kinds=("episodic",), below=0.05),
    ),
    retrieval=(Everything(kinds=("overall", "profile"), weight=0.5) | Dense(key="said", kinds=("episodic", "summary")))
    >> PerKind(quota=100)
    >> WithinBudget(slots=(("portrait", ("profile",), 0.0, 0.2), ("overall", ("overall",), 0.0, 0.2))),
    cites="arXiv 2305.10250",
    card=77,
)

PRESETS = {
    "as-coded": replace(
        RECIPE,
        name="memory-bank:as-coded",
        evolution=(
            *RECIPE.evolution[:-1],
            OnSessionEnd()
            >> WeakestFirst(strength=Retention(days=5.0, published=True), kinds=("episodic",), draw=True),
        ),
    )
}
