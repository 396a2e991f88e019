"""MemGAS: a session seen in four grains, sessions linked where their likenesses fall into two groups.

    grains: the whole text, the mean of its turns, a summary, keywords
    w(grain) ∝ 1 - H / log n,   s = Σ w · cos;   p = 0.9 · seeds + 0.1 · walk over the links;   3 sessions are opened

Asks a model twice a session and once a question, which copies what bears on it; the profile ``uncut`` does without
that. The preset ``as-coded`` leaves out the division by log n, as the published code does: the order of the weights
turns round as soon as there are a few sessions.

Source: D. Xu et al., "From Single to Multi-Granularity: Toward Long-Term Memory Association and Selection of
Conversational Agents", arXiv 2505.19549, 2025.
"""

from __future__ import annotations

from mnemic.context.within_budget import WithinBudget
from mnemic.core.pipeline import Chain, Recipe
from mnemic.evolution.mixture_links import MixtureLinks
from mnemic.formation.asked_view import AskedView
from mnemic.formation.index_text import IndexText
from mnemic.formation.per_session import PerSession
from mnemic.formation.segment_record import SegmentRecord
from mnemic.formation.turn_record import TurnRecord
from mnemic.retrieval.dense import Dense
from mnemic.retrieval.entropy_router import EntropyRouter
from mnemic.retrieval.mean_of_parts import MeanOfParts
from mnemic.retrieval.members import Members
from mnemic.retrieval.personalised_pagerank import PersonalisedPageRank
from mnemic.retrieval.quoted import Quoted

SESSION = ("session",)
FORMATION = (
    PerSession()
    >> TurnRecord()
    >> SegmentRecord(kind="session")
    >> AskedView(view="summary", kinds=SESSION, tokens=120)
    >> AskedView(view="stub", kinds=SESSION, tokens=40, instruction="only keywords, separated by semicolons")
    >> IndexText(key="turn", previous=0, captions=False, kinds=("episodic",))
    >> IndexText(key="whole", date=False, speaker=False, captions=False, previous=0, kinds=SESSION)
    >> IndexText(key="summary", view="summary", date=False, speaker=False, captions=False, previous=0, kinds=SESSION)
    >> IndexText(key="keywords", view="stub", date=False, speaker=False, captions=False, previous=0, kinds=SESSION)
)
GRAINS = MeanOfParts() | Dense(key="whole", kinds=SESSION) | Dense(key="summary", kinds=SESSION)
GRAINS = GRAINS | Dense(key="keywords", kinds=SESSION)
WALK = PersonalisedPageRank(rels=("similar",), restart=0.9, top=15)


def mem_gas(name: str, router: EntropyRouter) -> Recipe:
    """The recipe with a way to weigh the grains."""
    best = GRAINS >> router >> WALK
    return Recipe(
        name=name,
        summary="sessions in four grains, weighed by how decided each is, linked by a mixture",
        formation=FORMATION,
        evolution=(Chain.of(MixtureLinks(keys=("whole", "summary", "keywords"), kinds=SESSION)),),
        retrieval=best >> Members(top=3) >> Quoted(of=60, keep=True) >> WithinBudget(),
        profiles={
            "uncut": best >> Members(top=3) >> WithinBudget(),
            "sessions": best >> WithinBudget(),
        },
        cites="arXiv 2505.19549",
        card=95,
    )


RECIPE = mem_gas("mem-gas", EntropyRouter())
PRESETS = {"as-coded": mem_gas("mem-gas:as-coded", EntropyRouter(temperature=0.1, normalised=False))}
