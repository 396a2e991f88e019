"""RET-LLM: triples behind two commands, found by whichever slots a question fills.

    [MEM_WRITE{head>>relation>>tail}]     [MEM_READ{head>>relation>>}]      exact slots first, else the nearest term

Turns are turned into triples by a model, once a turn; what an agent writes as a command is taken as it stands, without
asking. A question is turned into patterns by one call, or by its own commands; all matches are found, so that "who
works at X" has all its answers.
Source: A. Modarressi et al., "RET-LLM: Towards a General Read-Write Memory for Large Language Models",
arXiv 2305.14322, 2023.
"""

from __future__ import annotations

from mnemic.context.within_budget import WithinBudget
from mnemic.core.pipeline import Chain, Recipe
from mnemic.evolution.skip_duplicates import SkipDuplicates
from mnemic.formation.asked_records import AskedRecords
from mnemic.formation.commanded_triples import CommandedTriples
from mnemic.formation.per_turn import PerTurn
from mnemic.formation.triple_slots import TripleSlots
from mnemic.retrieval.asked_patterns import AskedPatterns
from mnemic.retrieval.lexical_score import LexicalScore
from mnemic.retrieval.rrf import ReciprocalRankFusion
from mnemic.retrieval.triple_pattern import TriplePattern

RECIPE = Recipe(
    name="ret-llm",
    summary="triples written and read by commands, matched by their slots",
    formation=PerTurn() >> CommandedTriples() >> AskedRecords(task="extract_triples", kind="triple") >> TripleSlots(),
    evolution=(Chain.of(SkipDuplicates(strictness=0.999)),),
    retrieval=AskedPatterns() >> TriplePattern() >> ReciprocalRankFusion() >> LexicalScore(keep=1.0) >> WithinBudget(),
    cites="arXiv 2305.14322",
    card=215,
)
