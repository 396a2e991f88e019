"""Retrieval metrics over event ids, and coverage of the evidence by a context of limited size.

A system is asked for evidence, not for an answer, so no judge and no language model enters the score.
Source of nDCG: Järvelin and Kekäläinen, "Cumulated gain-based evaluation of IR techniques", TOIS 2002.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence

from mnemic.bench.facade import FoundLike
from mnemic.core.errors import MnemicError
from mnemic.core.reading import Context

#: Cut-offs of recall@k.
CUTOFFS = (5, 10, 20)
#: Sizes of context, in tokens, at which coverage is measured.
BUDGETS = (500, 1500, 4000)
#: A text is taken to hold what it cites when it is at least one part in so many as long.
CONDENSED = 4
_NUMBERED = re.compile(r"\[(\d+)\] ")


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


def held_shares(context: Context, sizes: Mapping[str, int], count: Callable[[str], int]) -> dict[str, float]:
    """For each cited event, how much of it the context can hold: 1 unless a line cites more than its words can tell.

    A line of t tokens that cites n events of m tokens on average counts for as many of them as would fit into it at
    a quarter of their length, and for one at least: ``share = min(1, max(1, CONDENSED t / m) / n)``; an event that
    several lines cite has the largest of its shares. Without this, a sentence folded out of a whole history would
    cover all of it. (The session summaries that LoCoMo carries are about a quarter as long as their sessions.)

    Parameters
    ----------
    context
        What was given back; its lines begin with their number in brackets.
    sizes
        The size of each event in tokens.
    count
        The token counter.

    >>> from mnemic.core.reading import Block, Citation, Hit
    >>> told = Citation(1, "r1", ("e1", "e2", "e3", "e4"), None, "Anna", Hit("r1", 1.0, "lexical"))
    >>> context = Context((Block("memory", "[1] Anna: We moved"),), (told,))
    >>> held_shares(context, dict.fromkeys(told.events, 8), lambda text: len(text.split()))["e1"]
    0.5
    """
    lines = _lines(context)
    out: dict[str, float] = {}
    for citation in context.citations:
        events = dict.fromkeys(citation.events)
        mean = sum(sizes.get(event, 0) for event in events) / max(1, len(events))
        fits = CONDENSED * count(lines.get(citation.number, "")) / mean if mean else 1.0
        share = min(1.0, max(1.0, fits) / max(1, len(events)))
        for event in events:
            out[event] = max(out.get(event, 0.0), share)
    return out


def _lines(context: Context) -> dict[int, str]:
    """The text behind each number; a line that starts with none goes on with the one before."""
    found: dict[int, list[str]] = {}
    for block in context.blocks:
        number = None
        for line in block.text.splitlines():
            if match := _NUMBERED.match(line):
                number = int(match[1])
            if number is not None:
                found.setdefault(number, []).append(line)
    return {number: "\n".join(rows) for number, rows in found.items()}


def coverage(cited: Collection[str], gold: Collection[str], shares: Mapping[str, float] | None = None) -> float:
    """Share of the gold events that a context cites: ``|gold ∩ cited| / |gold|``, each as far as it can hold it.

    >>> coverage(("e1", "e2"), {"e1", "e9"}), coverage(("e1", "e2"), {"e1", "e9"}, {"e1": 0.5})
    (0.5, 0.25)
    """
    return sum((shares or {}).get(event, 1.0) for event in set(cited) & set(gold)) / len(set(gold))


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
