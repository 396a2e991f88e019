"""Known facts: what facts answer stands first in the context, as an answer with its facts cited; then the other lines.

    known: Lisbon [1]
    [1] 3 May 2026, Anna: Anna lives in Lisbon

An ending, a doubt ("uncertain: ...") and the absence of all knowledge are said in so many words.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from typing import ClassVar

from mnemic.context.within_budget import WithinBudget
from mnemic.core.reading import Block, Context, Cost, Hit, Query, ReaderAnswer
from mnemic.core.slot_answer import UNKNOWN, known_of, told_again
from mnemic.core.stage import Assembler
from mnemic.core.view import View

#: The block that holds the answer, and how its text starts.
ANSWER = "answer"
OPENING = "Known: "
#: Operation and slot: the path of a fact that was looked up.
_FOUND = 2
_CITED = re.compile(r"(?: ?\[\d+\])+$")


@dataclass(frozen=True)
class KnownFacts(Assembler):
    """Writes the answer that facts give, if they give one, and has ``inner`` write the lines below it.

    Parameters: ``share``, the greatest share of the budget that the answer may take.

    >>> from mnemic.core.facts import as_fact
    >>> from mnemic.core.list_view import ListView
    >>> from mnemic.core.record import Record
    >>> view = ListView([as_fact(Record(id="f", kind="semantic", value="Anna lives in Porto",
    ...                                 fields={"subject": "Anna", "attribute": "home town", "value": "Porto"}))])
    >>> query = Query(text="What is Anna's home town?", asked_at=view.now, tokens=60)
    >>> print(KnownFacts().build([], query, view).text)
    Known: Porto [1]
    <BLANKLINE>
    [1] Anna lives in Porto
    """

    name: ClassVar[str] = "known_facts"

    inner: Assembler = field(default_factory=WithinBudget)
    share: float = 0.5

    def build(self, hits: list[Hit], query: Query, view: View) -> Context:
        """The context of at most ``query.tokens`` tokens."""
        # A slot lookup before has found what the question is about.
        found = hits[0].path if hits and hits[0].parts.get("slot") else ()
        known = told_again(found[0], found[1], query, view) if len(found) == _FOUND else known_of(query, view)
        if known is None:
            return self.inner.build(hits, query, view)
        text = OPENING + known.text
        # Room for the numbers of the facts that are cited, and for the empty line.
        room = query.tokens - view.tools.count_tokens(text + " [10][10]\n\n")
        if room < query.tokens * (1 - self.share):
            return self.inner.build(hits, query, view)
        ids = {fact.id for fact in known.facts}
        top = hits[0].score if hits else 1.0
        of_id = {hit.id: hit for hit in hits}
        lead = [of_id.get(i, Hit(i, top, self.name, {"slot": 1.0}, (known.operation, known.slot))) for i in ids]
        context = self.inner.build(
            [*lead, *(hit for hit in hits if hit.id not in ids)], replace(query, tokens=room), view
        )
        numbers = tuple(citation.number for citation in context.citations if citation.record in ids)
        cited = "".join(f"[{number}]" for number in numbers[:2])
        blocks = (Block(ANSWER, f"{text} {cited}".rstrip(), numbers), *context.blocks)
        made = replace(context, blocks=blocks)
        tokens = view.tools.count_tokens(made.text)
        if tokens > query.tokens:
            return self.inner.build(hits, query, view)
        return replace(made, cost=Cost(tokens, context.cost.calls, context.cost.ms))


def answer_of(context: Context) -> ReaderAnswer | None:
    """What a context says in its answer block, or None when it has none.

    >>> answer_of(Context((Block(ANSWER, "Known: Porto [1]", (1,)),)))
    ReaderAnswer(text='Porto', known=True, cited=(1,))
    """
    block = next((block for block in context.blocks if block.name == ANSWER), None)
    if block is None:
        return None
    text = _CITED.sub("", block.text.removeprefix(OPENING))
    return ReaderAnswer(text, not text.startswith(UNKNOWN), block.citations)
