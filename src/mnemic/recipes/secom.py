"""SeCom: a session is cut by topic, a segment is found under its words with the least telling ones left out.

    unit = run of turns on one topic;   key = compress(unit, keep 3/4);   what is shown = the unit as it was said

One call of a language model a segment when writing, none when reading. Only the side that is searched is compressed:
that takes noise out of the key and loses nothing. The words are weighed without a model here, in the place of a trained
token classifier. ``as-coded`` keeps nine tenths; ``lexical`` searches by BM25.

Source: Z. Pan et al., "SeCom: On Memory Construction and Retrieval for Personalized Conversational Agents", arXiv
2502.05589, 2025.
"""

from __future__ import annotations

from mnemic.context.within_budget import WithinBudget
from mnemic.core.pipeline import Recipe
from mnemic.formation.asked_topics import AskedTopics
from mnemic.formation.index_text import IndexText
from mnemic.formation.informative_words import InformativeWords
from mnemic.formation.segment_record import SegmentRecord
from mnemic.retrieval.dense import Dense
from mnemic.retrieval.lexical import Lexical


def segments(name: str, rate: float) -> Recipe:
    """The recipe with so large a share of the words in the key."""
    return Recipe(
        name=name,
        summary="topic segments found under compressed keys, shown as they were said",
        formation=AskedTopics(least=20, most=40, fallback=6)
        >> InformativeWords(rate=rate)
        >> SegmentRecord(kind="segment")
        >> IndexText(key="said", date=False, speaker=False, previous=0, view="compressed"),
        retrieval=Dense(key="said") >> WithinBudget(),
        profiles={"lexical": Lexical(key="said") >> WithinBudget()},
        cites="arXiv 2502.05589",
        card=185,
    )


RECIPE = segments("secom", 0.75)

PRESETS = {"as-coded": segments("secom:as-coded", 0.9)}
