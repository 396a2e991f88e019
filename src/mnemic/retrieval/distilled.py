"""Distilled: a model reads the first hits and lists those that the question needs; all others are left out.

    asked: question, hits by alias -> aliases, best first, or none

Selecting before answering keeps what is merely alike out of the context.
Source: the memory distillation of S. Yan et al., "Memory-R1", arXiv 2508.19828, 2025.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from mnemic.core.alias import AliasMap
from mnemic.core.asking import ids_of, shown_records
from mnemic.core.reading import Hit, Query
from mnemic.core.stage import Filter
from mnemic.core.view import View


@dataclass(frozen=True)
class Distilled(Filter):
    """Asks ``task`` with ``{question, options, most, instruction}``; the answer is ``{chosen: [alias]}``.

    The chosen hits stand in the model's order, with the part ``chosen`` (1 / place). An alias that was not shown is
    passed over; when nothing helps, nothing is left. Parameters: ``top``, how many hits are shown; ``most``, how many
    may be chosen; ``instruction``, wishes for the task.

    >>> from mnemic.core.list_view import ListTools, ListView
    >>> from mnemic.core.record import Record
    >>> view = ListView([Record(id="r0", kind="note", value="Rain"), Record(id="r1", kind="note", value="Green tea")],
    ...                 tools=ListTools(answers={"choose": lambda inputs: {"chosen": ["1", "7"]}}))
    >>> hits = [Hit("r0", 2, "dense"), Hit("r1", 1, "dense")]
    >>> [hit.id for hit in Distilled().filter(hits, Query(text="Which tea?", asked_at=view.now), view)]
    ['r1']
    """

    name: ClassVar[str] = "distilled"
    needs: ClassVar[tuple[str, ...]] = ("language-model",)

    top: int = 60
    most: int = 20
    task: str = "choose"
    instruction: str = ""

    def filter(self, hits: list[Hit], query: Query, view: View) -> list[Hit]:
        """The hits that were chosen."""
        found = {hit.id: hit for hit in hits[: self.top]}
        records = view.get(found)
        if not records:
            return []
        aliases = AliasMap()
        options = shown_records((records[i] for i in found if i in records), aliases)
        asked = {"question": query.text, "options": options, "most": self.most, "instruction": self.instruction}
        chosen = ids_of(view.tools.ask(self.task, asked)["chosen"], aliases)
        return [found[i].with_score(1 / place, chosen=1 / place) for place, i in enumerate(chosen, start=1)]
