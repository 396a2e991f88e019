"""Chosen: a language model picks, out of the best few records shown as stubs, those that a question needs, or none.

    stubs of the first ``of`` hits → aliases, best first, or an empty list

A model reads at most ``of`` stubs, never the store; that none of them helps is an answer too, and leaves nothing.
Source: J. Lu et al., "MemoChat: Tuning LLMs to Use Memos for Consistent Long-Range Open-Domain Conversation", arXiv
2308.08239, 2023.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from mnemic.core.alias import AliasMap
from mnemic.core.asking import ids_of
from mnemic.core.errors import BadInput
from mnemic.core.reading import Hit, Query
from mnemic.core.record_times import when_of
from mnemic.core.stage import Filter
from mnemic.core.view import View


@dataclass(frozen=True)
class Chosen(Filter):
    """Asks ``task`` with ``{question, options, most, instruction}``; the answer is ``{chosen: [alias]}``.

    Parameters: ``most``, records chosen at most; ``of``, first hits that are shown; ``stub``, the view of a record
    that is shown (its value when it has none such); ``characters`` of it; ``instruction``, wishes for the task. An
    alias that was never shown is left out. Raises BadInput unless ``most`` and ``of`` are 1 or more.

    >>> from mnemic.core.list_view import ListTools, ListView
    >>> from mnemic.core.record import Record
    >>> answers = {"choose": lambda asked: {"chosen": [o["alias"] for o in asked["options"] if "tea" in o["text"]]}}
    >>> view = ListView([Record(id="r0", kind="memo", value="On dogs"), Record(id="r1", kind="memo", value="On tea")],
    ...                 tools=ListTools(answers=answers))
    >>> hits = [Hit("r0", 2.0, "dense"), Hit("r1", 1.0, "dense")]
    >>> [hit.id for hit in Chosen().filter(hits, Query(text="Which tea?", asked_at=view.now), view)]
    ['r1']
    """

    name: ClassVar[str] = "chosen"
    needs: ClassVar[tuple[str, ...]] = ("language-model",)

    most: int = 3
    of: int = 30
    stub: str = "stub"
    characters: int = 300
    instruction: str = ""
    task: str = "choose"

    def __post_init__(self) -> None:
        if self.most < 1 or self.of < 1:
            raise BadInput(f"chosen: most ({self.most}) and of ({self.of}) must be 1 or more")

    def filter(self, hits: list[Hit], query: Query, view: View) -> list[Hit]:
        """The chosen hits, best first; none when the model says that none helps."""
        found = view.get([hit.id for hit in hits[: self.of]])
        shown = {hit.id: hit for hit in hits[: self.of] if hit.id in found}
        if not shown:
            return []
        aliases = AliasMap()
        options = []
        for id_ in shown:
            when = when_of(found[id_])
            text = found[id_].shown(self.stub)[: self.characters]
            stamp = f"{when:%Y-%m-%d}" if when else ""
            options.append({"alias": aliases.alias(id_), "text": text, "when": stamp})
        asked = {"question": query.text, "options": options, "most": self.most, "instruction": self.instruction}
        chosen = ids_of(view.tools.ask(self.task, asked)["chosen"], aliases)[: self.most]
        return [shown[id_].with_score(1 / place, chosen=1 / place) for place, id_ in enumerate(chosen, start=1)]
