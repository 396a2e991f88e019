"""MemoChat: the model writes memos by topic, which point at their turns, and picks the memos that a question needs.

    memo = topic + summary → span of turns;   every turn belongs to exactly one memo
    read: the model chooses at most 3 memos, or none; the context holds them and their turns

A call of a language model a topic when writing, one a question when reading. Turns that no topic names make a memo of
their own, so that nothing is lost. The model chooses among the 30 memos that are nearest, and not among all: past a few
dozen a list of all memos does not fit any window.

Source: J. Lu et al., "MemoChat: Tuning LLMs to Use Memos for Consistent Long-Range Open-Domain Conversation", arXiv
2308.08239, 2023.
"""

from __future__ import annotations

from mnemic.context.within_budget import WithinBudget
from mnemic.core.pipeline import Recipe
from mnemic.formation.asked_summary import AskedSummary
from mnemic.formation.asked_topics import AskedTopics
from mnemic.formation.turn_record import TurnRecord
from mnemic.retrieval.chosen import Chosen
from mnemic.retrieval.dense import Dense
from mnemic.retrieval.sources import Sources

RECIPE = Recipe(
    name="memo-chat",
    summary="memos by topic that point at their turns, picked by a language model",
    formation=AskedTopics(least=10, most=20) >> AskedSummary(kind="memo", tokens=100) >> TurnRecord(),
    retrieval=Dense(key="said", k=30, kinds=("memo",)) >> Chosen(most=3, of=30) >> Sources() >> WithinBudget(),
    profiles={"nearest": Dense(key="said", k=30, kinds=("memo",)) >> Sources() >> WithinBudget()},
    cites="arXiv 2308.08239",
    card=147,
)
