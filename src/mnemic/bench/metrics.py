"""Retrieval metrics over event ids, and coverage of the evidence by a context of limited size.

A system is asked for evidence, not for an answer, so no judge and no language model enters the score.
Source of nDCG: Järvelin and Kekäläinen, "Cumulated gain-based evaluation of IR techniques", TOIS 2002.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Iterable, Sequence

from mnemic.bench.facade import FoundLike
from mnemic.core.errors import MnemicError
from mnemic.core.reading import Context

#: Cut-offs of recall@k.
CUTOFFS = (5, 10, 20)
#: Sizes of context, in tokens, at which coverage is measured.
BUDGETS = (500, 1500, 4000)


class BudgetError(MnemicError):
    """A context is larger than was asked for: its coverage would not be comparable, so the run stops."""


def event_ranking(found: Iterable[FoundLike]) -> list[str]:
    """The events that hits rest on, in the order of the hits, each at its first occurrence.

    A record that rests on several events counts them all, in the order of its sources: one that cites
    forty events fills forty places, so that coarse records win nothing by citing much.

    >>> from mnemic.bench.facade import Found
    >>> from mnemic.core.reading import Hit
    >>> from mnemic.core.record import Record
    >>> from mnemic.core.evidence import Span
    >>> record = Record(id="r", kind="summary", value="", sources=(Span("e2"), Span("e1"), Span("e2")))
    >>> event_ranking([Found(record, Hit("r", 1.0, "lexical"))])
    ['e2', 'e1']
    """
    return list(dict.fromkeys(span.source for item in found for span in item.record.sources))


def recall_at(ranking: Sequence[str], gold: Collection[str], k: int) -> float:
    """Share of the gold events among the first ``k``: ``|gold ∩ top k| / |gold|``.

    >>> recall_at(["a", "b", "c"], {"a", "c", "z"}, 2)
    0.3333333333333333
    """
    return len(set(ranking[:k]) & set(gold)) / len(set(gold))


def reciprocal_rank(ranking: Sequence[str], gold: Collection[str]) -> float:
    """``1 / rank`` of the first gold event, 0 when there is none; its mean is MRR.

    >>> reciprocal_rank(["a", "b", "c"], {"b", "c"})
    0.5
    """
    return next((1 / rank for rank, event in enumerate(ranking, 1) if event in gold), 0.0)


def ndcg_at(ranking: Sequence[str], gold: Collection[str], k: int) -> float:
    """Normalised discounted cumulative gain with gains 0 and 1.

    ``sum over gold ranks r <= k of 1 / log2(r + 1)``, over the same sum with all gold events in front.

    >>> round(ndcg_at(["a", "b"], {"b"}, 10), 4)
    0.6309
    """
    gained = sum(1 / math.log2(rank + 1) for rank, event in enumerate(ranking[:k], 1) if event in gold)
    best = sum(1 / math.log2(rank + 1) for rank in range(1, min(len(set(gold)), k) + 1))
    return gained / best


def cited_events(context: Context) -> tuple[str, ...]:
    """The events that the lines of a context cite, in their order, each once.

    >>> from mnemic.core.reading import Citation, Hit
    >>> line = Citation(1, "r1", ("e1", "e2"), None, "Anna", Hit("r1", 1.0, "lexical"))
    >>> cited_events(Context(citations=(line, line)))
    ('e1', 'e2')
    """
    return tuple(dict.fromkeys(event for line in context.citations for event in line.events))


def coverage(cited: Collection[str], gold: Collection[str]) -> float:
    """Share of the gold events that a context cites: ``|gold ∩ cited| / |gold|``.

    >>> coverage(("e1", "e2"), {"e1", "e9"})
    0.5
    """
    return len(set(cited) & set(gold)) / len(set(gold))


def context_tokens(context: Context, budget: int, count: Callable[[str], int]) -> int:
    """The size of a context, counted anew and held against what it says of itself and against the budget.

    Parameters
    ----------
    context
        What was given back.
    budget
        Tokens that were asked for.
    count
        The bank's token counter.

    Raises
    ------
    BudgetError
        When the text is larger than ``budget``.

    >>> from mnemic.core.reading import Block
    >>> context_tokens(Context((Block("memory", "We moved to Lisbon"),)), 3, lambda text: len(text.split()))
    Traceback (most recent call last):
    mnemic.bench.metrics.BudgetError: recall: 4 tokens were given back for a budget of 3; ...
    """
    size = max(count(context.text), context.tokens)
    if size > budget:
        raise BudgetError(
            f"recall: {size} tokens were given back for a budget of {budget}; "
            f"the recipe's assembler is at fault (question: {context.query!r})"
        )
    return size
