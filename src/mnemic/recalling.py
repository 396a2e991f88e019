"""Reading: from a question to hits, contexts with their receipts, and answers: what a bank's reading verbs share."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from mnemic.answers import Answer, Found
from mnemic.context.iterative_reader import IterativeReader, shown_lines
from mnemic.context.known_facts import answer_of
from mnemic.core.errors import BadInput
from mnemic.core.execute import assembled, assembler_of, hits_of, read_through, reader_of
from mnemic.core.observing import count
from mnemic.core.pipeline import Recipe
from mnemic.core.reading import Context, Cost, Hit, Query, ReaderAnswer, Receipt, Where
from mnemic.core.scope import EVERYTHING, Scope
from mnemic.core.task import task_named
from mnemic.core.times import instant
from mnemic.engine.engine import Engine
from mnemic.engine.scoped import ScopedSnapshot
from mnemic.engine.store_view import StoreView
from mnemic.messages import check_text, check_whole

MAX_QUESTION = 10_000
MAX_TOKENS = 1_000_000
MAX_PAGE = 10_000


def check_where(where: Where | None) -> None:
    """Raise BadInput unless a filter is one."""
    if where is not None and not isinstance(where, Where):
        raise BadInput(f"where: expected a Where, got {type(where).__name__}")


def checked_query(
    engine: Engine,
    question: str,
    k: int,
    tokens: int,
    where: Where | None,
    asked_at: datetime | str | None,
    asker: str,
) -> Query:
    """A query that can be put to a bank; raises BadInput naming the field."""
    check_text(question, "question", limit=MAX_QUESTION)
    if not question.strip():
        raise BadInput("question: is empty; ask something")
    check_whole(k, "k", 1, MAX_PAGE)
    check_whole(tokens, "tokens", 1, MAX_TOKENS)
    check_text(asker, "asker", limit=1000)
    check_where(where)
    when = engine.clock.now() if asked_at is None else instant(asked_at, "asked_at")
    return Query(text=question, asked_at=when, where=where or Where(), asker=asker, k=k, tokens=tokens)


@dataclass(frozen=True, slots=True)
class Read:
    """A way to read a bank: by a recipe and one of its profiles."""

    engine: Engine
    bank: str
    recipe: Recipe
    profile: str | None
    scope: Scope = EVERYTHING
    who: str = ""

    def search(self, query: Query, at: int | None) -> list[Found]:
        """The best ``query.k`` records."""
        with self.engine.view(self.bank, at, self.scope) as view:
            return _found(hits_of(self.recipe.read(self.profile), query, view)[: query.k], view)

    def recall(
        self, query: Query, budgets: Sequence[int], at: int | None, started: float
    ) -> tuple[list[Found], list[Context]]:
        """The best records, and a context for each budget, each with its receipt."""
        chain = self.recipe.read(self.profile)
        assembler = assembler_of(chain)
        contexts = []
        with self.engine.view(self.bank, at, self.scope) as view:
            hits = hits_of(chain, query, view)
            searched = time.perf_counter() - started
            for budget in budgets:
                began = time.perf_counter()
                asked = replace(query, tokens=budget)
                made = assembled(assembler, hits, asked, view)
                ms = 1000 * (searched + time.perf_counter() - began)
                contexts.append(self._receipted(made, query, view, ms))
            found = _found(hits[: query.k], view)
        return found, contexts

    def answer(self, query: Query, wishes: str, at: int | None, started: float) -> Answer:
        """A context, and what a language model or, without one, known facts or else a rule answers from it."""
        chain = self.recipe.read(self.profile)
        reader = reader_of(chain) or IterativeReader(rounds=0)
        models = self.engine.models
        told, failure, by = ReaderAnswer(), "", ""
        with self.engine.view(self.bank, at, self.scope) as view:
            reading = read_through(chain, query, view, reader=reader, wishes=wishes)
            if reading.answer is not None:
                told, by = reading.answer, models.load_language_model().name if models.answers else "rules"
            elif (known := answer_of(reading.context)) is not None:
                told, by = known, "facts"
            elif not models.answers:
                told, by = _by_rule(reading.context, query, wishes), "rules"
            else:
                failure = str(reading.failure or "the recipe's reader came to no answer")
            ms = 1000 * (time.perf_counter() - started)
            context = self._receipted(reading.context, query, view, ms)
        cited = tuple(c for c in context.citations if c.number in told.cited)
        return Answer(
            question=query.text,
            text=told.text if told.known else "",
            known=told.known,
            by=by,
            citations=cited,
            context=context,
            cost=context.cost,
            failure=failure,
        )

    def _receipted(self, made: Context, query: Query, view: StoreView, ms: float) -> Context:
        now = self.engine.clock.now()
        cost = Cost(made.cost.tokens, view.tools.calls, ms)
        notes = tuple(dict.fromkeys((*made.notes, *view.notes, *_withheld(view))))
        receipt = Receipt(
            id=self.engine.ids.new(now),
            bank=self.bank,
            at=now,
            query=query.text,
            recipe=f"{self.recipe.name}:{self.profile}" if self.profile else self.recipe.name,
            seq=view.snapshot.seq,
            lines=tuple(citation.to_json() for citation in made.citations),
            cost=cost,
            notes=notes,
            who=self.who,
        )
        self.engine.store.put_receipt(receipt)
        count("recalls")
        count("tokens_given", cost.tokens)
        return Context(made.blocks, made.citations, cost, receipt.id, query.text, notes)


def _withheld(view: StoreView) -> list[str]:
    count = view.snapshot.withheld if isinstance(view.snapshot, ScopedSnapshot) else 0
    return [f"{count} {'record' if count == 1 else 'records'} withheld by policy"] if count else []


def _by_rule(context: Context, query: Query, wishes: str) -> ReaderAnswer:
    rule = task_named("answer_question").rule
    if rule is None or not context.citations:
        return ReaderAnswer()
    answer: Any = rule({"question": query.text, "lines": shown_lines(context), "instruction": wishes})
    return ReaderAnswer(answer["text"], answer["known"], tuple(int(alias) for alias in answer["cited"]))


def _found(hits: Sequence[Hit], view: StoreView) -> list[Found]:
    records = view.get([hit.id for hit in hits])
    return [Found(records[hit.id], hit) for hit in hits if hit.id in records]
