"""GAM: every page is kept whole with an abstract of it; the work is done when a question is asked.

    write: page = the turns of a session, abstract = one paragraph of them
    read:  plan (over all abstracts) → search by meaning, by words, by page → note → enough? at most 3 rounds

One call of a language model a page when writing, up to three a round when reading. The context holds what was noted of
each page; with the profile ``pages`` the pages themselves, with ``one-shot`` those that a single search finds. An
abstract is made of its page alone, so that nothing passes from one page to another.

Source: "General Agentic Memory Via Deep Research" (GAM), arXiv 2511.18423, 2025.
"""

from __future__ import annotations

from mnemic.context.within_budget import WithinBudget
from mnemic.core.pipeline import Chain, Recipe
from mnemic.formation.asked_view import AskedView
from mnemic.formation.index_text import IndexText
from mnemic.formation.segment_record import SegmentRecord
from mnemic.formation.token_window import TokenWindow
from mnemic.retrieval.dense import Dense
from mnemic.retrieval.lexical import Lexical
from mnemic.retrieval.research import Research
from mnemic.retrieval.rrf import ReciprocalRankFusion

ABSTRACT = AskedView(
    tokens=150,
    instruction="One paragraph that can be understood alone: every plan, decision, fact, name and date.",
)
MEANING = Dense(key="abstract", k=5)
WORDS = Lexical(key="page", k=5)

RECIPE = Recipe(
    name="gam",
    summary="whole pages with abstracts, researched in rounds when a question is asked",
    formation=TokenWindow(2000)
    >> SegmentRecord(kind="page")
    >> ABSTRACT
    >> IndexText(key="page", previous=0)
    >> IndexText(key="abstract", view="summary", captions=False, previous=0),
    retrieval=Research(queries=Chain.of(MEANING), words=Chain.of(WORDS)) >> WithinBudget(),
    profiles={
        "pages": Research(queries=Chain.of(MEANING), words=Chain.of(WORDS), notes=False) >> WithinBudget(),
        "one-shot": (MEANING | WORDS) >> ReciprocalRankFusion() >> WithinBudget(),
    },
    cites="arXiv 2511.18423",
    card=107,
)
