"""Asked fold: a language model folds new texts into a running one.

    asked: text so far, new texts, number of things folded, budget in tokens -> text

Source: the aggregation prompt of A. Rezazadeh et al., "MemTree", arXiv 2410.14052, 2024.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from mnemic.core.record import Record
from mnemic.core.stage import Fold
from mnemic.core.view import View
from mnemic.core.wording import speaker_of
from mnemic.evolution.extractive import Extractive, folded


@dataclass(frozen=True)
class AskedFold(Fold):
    """Asks ``task`` with ``{text, new, count, tokens, instruction}``; the answer is ``{text}``.

    An empty answer, or one above the budget, is replaced by the extractive fold. ``instruction`` are wishes; with
    ``speakers`` each new text is led by who said it, so that "I" can be understood.

    >>> from mnemic.core.list_view import ListTools, ListView
    >>> view = ListView([], tools=ListTools(answers={"fold": lambda inputs: {"text": " + ".join(inputs["new"])}}))
    >>> AskedFold().fold(None, [Record(id="r1", kind="note", value="Tea")], 10, view).value
    'Tea'
    """

    name: ClassVar[str] = "asked_fold"
    needs: ClassVar[tuple[str, ...]] = ("language-model",)

    task: str = "fold"
    instruction: str = ""
    speakers: bool = False

    def fold(self, state: Record | None, new: Sequence[Record], budget: int, view: View) -> Record:
        """``state`` with the new records folded into it."""
        if self.speakers:
            new = [record.with_(value=_spoken(record)) for record in new]
        count = len(state.derived_from if state else ()) + len(new)
        inputs = {
            "text": state.value if state else "",
            "new": [record.value for record in new],
            "count": max(count, 1),
            "tokens": budget,
            "instruction": self.instruction,
        }
        text = str(view.tools.ask(self.task, inputs).get("text", "")).strip()
        if not text or view.tools.count_tokens(text) > budget:
            return Extractive().fold(state, new, budget, view)
        return folded(state, new, text)


def _spoken(record: Record) -> str:
    speaker = speaker_of(record)
    return f"{speaker}: {record.value}" if speaker else record.value
