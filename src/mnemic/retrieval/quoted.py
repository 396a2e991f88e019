"""Quoted: of the best records, only the words that bear on the question are shown; the others are left out.

    hit → quotation of it, word for word   (checked: every sentence must stand in the record)

Source: extracting before reasoning, as in D. Wu et al., "LongMemEval", arXiv 2410.10813, 2024.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import ClassVar

from mnemic.core.alias import AliasMap
from mnemic.core.asking import shown_records
from mnemic.core.errors import Refused
from mnemic.core.quoting import is_quotation
from mnemic.core.reading import Hit, Query
from mnemic.core.stage import Filter
from mnemic.core.view import View


@dataclass(frozen=True)
class Quoted(Filter):
    """Asks ``task`` with ``{question, passages}``, the first ``of`` hits, for ``{quotes: [{alias, text}]}``.

    A hit that is quoted shows its quotation, in the order of the hits. One whose quotation is not word for word is
    shown as it is. One that is not quoted is left out, and so is what comes after the first ``of``; with ``keep`` all
    stay when nothing at all is quoted. The record itself is left as it is.

    >>> from mnemic.core.list_view import ListTools, ListView
    >>> from mnemic.core.record import Record
    >>> answer = {"quotes": [{"alias": "0", "text": "Anna drank tea."}]}
    >>> view = ListView([Record(id="r0", kind="episodic", value="It rained. Anna drank tea."),
    ...                  Record(id="r1", kind="episodic", value="Dogs bark.")],
    ...                 tools=ListTools(answers={"quote": lambda asked: answer}))
    >>> hits = [Hit("r0", 2.0, "dense"), Hit("r1", 1.0, "dense")]
    >>> [(hit.id, hit.text) for hit in Quoted().filter(hits, Query(text="Which tea?", asked_at=view.now), view)]
    [('r0', 'Anna drank tea.')]
    """

    name: ClassVar[str] = "quoted"
    needs: ClassVar[tuple[str, ...]] = ("language-model",)

    of: int = 10
    keep: bool = False
    task: str = "quote"

    def filter(self, hits: list[Hit], query: Query, view: View) -> list[Hit]:
        """The quoted hits, each with its quotation as text."""
        found = view.get([hit.id for hit in hits[: self.of]])
        shown = {hit.id: hit for hit in hits[: self.of] if hit.id in found}
        if not shown:
            return []
        aliases = AliasMap()
        passages = shown_records((found[id_] for id_ in shown), aliases)
        quotes: dict[str, str] = {}
        for told in view.tools.ask(self.task, {"question": query.text, "passages": passages})["quotes"]:
            try:
                id_ = aliases.id(told["alias"])
            except Refused:
                continue
            quotes.setdefault(id_, told["text"] if is_quotation(told["text"], found[id_].shown()) else "")
        if not quotes and self.keep:
            return list(hits)
        return [replace(hit, text=quotes[id_]) for id_, hit in shown.items() if id_ in quotes]
