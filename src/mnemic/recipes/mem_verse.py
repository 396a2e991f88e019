"""MemVerse, the text part: the last turns, and three graphs of what is core, episodic and semantic.

    every turn → records of three kinds, each with edges to its entities
    read: by meaning and by graph, places for each kind, and the last turns

Asks a model once a turn, and for a person's profile when there is news of its core. The profile ``cascade`` looks into
the window of the last turns first and goes on to the graphs only if a model says that this is not enough: the shape of
the fast path, which a small model distilled from the memory is to take later. The preset ``as-coded`` reads the graph
of core records alone, as the published code does.

Source: J. Liu et al., "MemVerse: Multimodal Memory for Lifelong Learning Agents", arXiv 2512.03627, 2025.
"""

from __future__ import annotations

from mnemic.context.within_budget import WithinBudget
from mnemic.core.pipeline import Recipe
from mnemic.core.stage import Channel
from mnemic.evolution.asked_fold import AskedFold
from mnemic.evolution.entity_graph import EntityGraph
from mnemic.evolution.grouped_fold import GroupedFold
from mnemic.evolution.skip_duplicates import SkipDuplicates
from mnemic.evolution.triggers import EveryEvents
from mnemic.formation.asked_records import AskedRecords
from mnemic.formation.named_entities import NamedEntities
from mnemic.formation.per_turn import PerTurn
from mnemic.formation.turn_record import TurnRecord
from mnemic.retrieval.about_entities import AboutEntities
from mnemic.retrieval.cascade import Cascade
from mnemic.retrieval.dense import Dense
from mnemic.retrieval.per_kind import PerKind
from mnemic.retrieval.recent import Recent

KINDS = ("episodic", "semantic", "core")
WINDOW = Recent(k=10, kinds=("turn",))
QUOTAS = PerKind(quota=25, quotas={"core": 10, "profile": 3, "turn": 10})
LAYOUT = WithinBudget(slots=(("person", ("core", "profile"), 0.0, 0.3), ("recent", ("turn",), 0.0, 0.2)))


def graphs(*kinds: str) -> tuple[Channel, Channel]:
    """The two ways into the graphs of the named kinds."""
    return Dense(key="said", k=50, kinds=kinds), AboutEntities(kinds=kinds)


CORE = GroupedFold(group="actor", of=("core",), kind="profile", fold=AskedFold(), tokens=256)
MEANING, NAMES = graphs(*KINDS, "profile")
CORE_MEANING, CORE_NAMES = graphs("core", "profile")
EVERYTHING = (MEANING | NAMES | WINDOW) >> QUOTAS >> LAYOUT


def mem_verse(name: str, reads: str) -> Recipe:
    """The recipe that reads all graphs or the core one."""
    core = (CORE_MEANING | CORE_NAMES | WINDOW) >> QUOTAS >> LAYOUT
    return Recipe(
        name=name,
        summary="the last turns, and graphs of core, episodic and semantic memory",
        formation=PerTurn()
        >> TurnRecord(kind="turn")
        >> AskedRecords(task="extract_typed", kinds=KINDS)
        >> NamedEntities(),
        evolution=(
            SkipDuplicates(strictness=0.9) >> EntityGraph(kinds=KINDS),
            EveryEvents(10) >> CORE,
        ),
        retrieval=EVERYTHING if reads == "all" else core,
        profiles={"cascade": Cascade(first=WINDOW, then=NAMES) >> WithinBudget()},
        cites="arXiv 2512.03627",
        card=99,
    )


RECIPE = mem_verse("mem-verse", "all")
PRESETS = {"as-coded": mem_verse("mem-verse:as-coded", "core")}
