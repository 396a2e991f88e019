"""MemInsight: a language model tells each turn as attributes and values, and the turn is found through them too.

    key = words of the turn + its attributes' values;   the question is told as attributes in the same way

One call of a language model a turn when writing, one a question when reading. The attributes stand beside the words and
do not replace them: alone (``embedding``, ``attributes``) they find less. The preset ``items`` mines what describes a
thing, for catalogues; ``sessions`` annotates whole sessions.

Source: R. Salama et al., "MemInsight: Autonomous Memory Augmentation for LLM Agents", arXiv 2503.21760, 2025.
"""

from __future__ import annotations

from mnemic.context.within_budget import WithinBudget
from mnemic.core.pipeline import Chain, Recipe
from mnemic.core.stage import Extractor, Segmenter
from mnemic.formation.index_text import IndexText
from mnemic.formation.mined_attributes import MinedAttributes
from mnemic.formation.per_session import PerSession
from mnemic.formation.per_turn import PerTurn
from mnemic.formation.segment_record import SegmentRecord
from mnemic.formation.turn_record import TurnRecord
from mnemic.retrieval.dense import Dense
from mnemic.retrieval.mined_question import MinedQuestion
from mnemic.retrieval.tagged import Tagged

CONVERSATION = "About the conversation: intent, emotion, event, place, person, time, topic."
ITEM = "About the thing described: what it is, its maker, its kind, its use, what it costs, whom it suits."


def insight(name: str, summary: str, wanted: str, unit: Segmenter, record: Extractor) -> Recipe:
    """The recipe that mines the wanted attributes of each record."""
    asked = MinedQuestion(instruction=wanted)
    return Recipe(
        name=name,
        summary=summary,
        formation=Chain.of(
            unit,
            record,
            MinedAttributes(instruction=wanted),
            IndexText(key="said", date=False, previous=0, fields=("tags",)),
        ),
        retrieval=MinedQuestion(words=True, instruction=wanted) >> Dense(key="said") >> WithinBudget(),
        profiles={
            "embedding": asked >> Dense(key="attributes") >> WithinBudget(),
            "attributes": asked >> Tagged() >> WithinBudget(),
        },
        cites="arXiv 2503.21760",
        card=141,
    )


RECIPE = insight("mem-insight", "turns found through attributes mined from them", CONVERSATION, PerTurn(), TurnRecord())

PRESETS = {
    "items": insight(
        "mem-insight:items", "descriptions found through attributes of the thing", ITEM, PerTurn(), TurnRecord()
    ),
    "sessions": insight(
        "mem-insight:sessions", "sessions found through attributes", CONVERSATION, PerSession(), SegmentRecord()
    ),
}
