"""MemoRAG: a gist of everything tells a language model what the evidence may sound like, and that is searched for.

    searches = question ∪ clues written from the gist;   3 passages for each;   their union, shown in order of time

The gist is the passages' own gists, one after the other (the published "lite" form); a compressed KV cache in its place
needs a model whose states can be kept. One call of a language model a passage when writing, one a question when
reading.

Source: H. Qian et al., "MemoRAG: Boosting Long Context Processing with Global Memory-Enhanced Retrieval Augmentation",
arXiv 2409.05591, 2024.
"""

from __future__ import annotations

from mnemic.context.within_budget import WithinBudget
from mnemic.core.pipeline import Recipe
from mnemic.formation.asked_summary import AskedSummary
from mnemic.formation.index_text import IndexText
from mnemic.formation.segment_record import SegmentRecord
from mnemic.formation.token_window import TokenWindow
from mnemic.retrieval.dense import Dense
from mnemic.retrieval.interleave import Interleave
from mnemic.retrieval.planned import Planned

PASSAGES = Dense(key="said", k=3, kinds=("chunk",))
CLUES = Planned(
    gist=("gist",),
    tokens=6000,
    most=5,
    instruction="Some as sentences that may stand in the source, word for word; some as questions that ask for them.",
)

RECIPE = Recipe(
    name="memo-rag",
    summary="passages found by clues that a language model writes from a gist of everything",
    formation=TokenWindow(512)
    >> SegmentRecord(kind="chunk")
    >> AskedSummary(kind="gist", tokens=60)
    >> IndexText(key="said", previous=0),
    retrieval=CLUES >> PASSAGES >> Interleave() >> WithinBudget(),
    profiles={"question-alone": Dense(key="said", k=18, kinds=("chunk",)) >> WithinBudget()},
    cites="arXiv 2409.05591",
    card=139,
)
