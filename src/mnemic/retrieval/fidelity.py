"""Fidelity: when the hits are too long for the budget, each is kept whole, kept short, or dropped.

    while too long, the best hit apart:   its text does not help to answer  →  dropped
                                          its shorter view helps too        →  the shorter view
    then the last ones are shown in their shorter view until the rest fits

Source: B. Wang et al., "SCM: Self-Controlled Memory for LLMs", arXiv 2304.13343, 2023, with one question about all
texts in the place of one for each.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import ClassVar

from mnemic.core.alias import AliasMap
from mnemic.core.asking import ids_of
from mnemic.core.reading import Hit, Query
from mnemic.core.record import Record
from mnemic.core.stage import Filter
from mnemic.core.view import View


@dataclass(frozen=True)
class Fidelity(Filter):
    """Asks ``task`` with ``{question, options, most, instruction}``, at most twice; it answers ``{chosen: [alias]}``.

    Nothing is asked when the first ``of`` hits fit the query's budget as they are. Parameters: ``view``, the shorter
    view; ``line``, tokens that each line costs besides its text; ``instruction``, wishes for the task.

    >>> from mnemic.core.list_view import ListTools, ListView
    >>> def helps(asked):
    ...     return {"chosen": [o["alias"] for o in asked["options"] if "tea" in o["text"]]}
    >>> def turn(i, text, short):
    ...     return Record(id=i, kind="episodic", value=text, views={"summary": short})
    >>> spoken = {"a": "tea", "b": "rain", "c": "green tea"}
    >>> records = [turn(i, f"{word} " * 20, f"a {word}") for i, word in spoken.items()]
    >>> view = ListView(records, tools=ListTools(answers={"choose": helps}))
    >>> hits = [Hit(i, 1.0, "dense") for i in "abc"]
    >>> [(hit.id, hit.text) for hit in Fidelity().filter(hits, Query(text="?", asked_at=view.now, tokens=60), view)]
    [('a', ''), ('c', 'a green tea')]
    """

    name: ClassVar[str] = "fidelity"
    needs: ClassVar[tuple[str, ...]] = ("language-model",)

    of: int = 30
    view: str = "summary"
    line: int = 10
    instruction: str = ""
    task: str = "choose"

    def filter(self, hits: list[Hit], query: Query, view: View) -> list[Hit]:
        """The hits that stay, with the text to show where it is not their own."""
        found = view.get([hit.id for hit in hits[: self.of]])
        kept = [hit for hit in hits[: self.of] if hit.id in found]
        if len(kept) < 2 or self._size(kept, found, view) <= query.tokens:
            return kept
        whole = {hit.id: found[hit.id].shown() for hit in kept[1:]}
        helpful = self._helping(whole, query, view)
        kept = [kept[0], *(hit for hit in kept[1:] if hit.id in helpful)]
        if self._size(kept, found, view) <= query.tokens:
            return kept
        short = {hit.id: found[hit.id].views[self.view] for hit in kept[1:] if self.view in found[hit.id].views}
        enough = self._helping(short, query, view) if short else set()
        kept = [replace(hit, text=short[hit.id]) if hit.id in enough else hit for hit in kept]
        for place in range(len(kept) - 1, 0, -1):
            if self._size(kept, found, view) <= query.tokens:
                break
            kept[place] = replace(kept[place], text=short.get(kept[place].id, kept[place].text))
        return kept

    def _size(self, hits: Sequence[Hit], found: Mapping[str, Record], view: View) -> int:
        return sum(self.line + view.tools.count_tokens(hit.text or found[hit.id].shown()) for hit in hits)

    def _helping(self, texts: Mapping[str, str], query: Query, view: View) -> set[str]:
        aliases = AliasMap()
        options = [{"alias": aliases.alias(id_), "text": text, "when": ""} for id_, text in texts.items()]
        asked = {"question": query.text, "options": options, "most": len(options), "instruction": self.instruction}
        return set(ids_of(view.tools.ask(self.task, asked)["chosen"], aliases))
