"""Slotted fold: a language model folds texts into a description whose parts are fixed, such as user and events.

    asked: description so far, new texts, slots, budget in tokens → a text a slot;   value = "slot:\\ntext" of each

Source: the compressive memory of N. Chen et al., "Compress to Impress: Unleashing the Potential of Compressive Memory
in Real-World Long-Term Conversations" (COMEDY), arXiv 2402.11975, 2024.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from mnemic.core.errors import BadInput
from mnemic.core.record import Record
from mnemic.core.stage import Fold
from mnemic.core.view import View
from mnemic.evolution.extractive import Extractive, folded

#: The parts of a person's description in COMEDY.
PERSON = (
    ("user", "who they are, what they like, how they feel and behave, with examples"),
    ("relationship", "how close the speakers are, and how that changes"),
    ("events", "what they did or went through together"),
)


@dataclass(frozen=True)
class SlottedFold(Fold):
    """Asks ``task`` with ``{text, new, slots, tokens, instruction}``; the answer is ``{slots: [{name, text}]}``.

    ``slots`` are names with what belongs there; the texts are also the field ``slots``. An empty answer, or one above
    the budget, is replaced by the extractive fold. Raises BadInput without slots.

    >>> from mnemic.core.list_view import ListTools, ListView
    >>> answer = {"slots": [{"name": "events", "text": "Moved."}, {"name": "user", "text": "Rows."}]}
    >>> view = ListView([], tools=ListTools(answers={"fold_slots": lambda asked: answer}))
    >>> made = SlottedFold().fold(None, [Record(id="r1", kind="note", value="Tea")], 20, view)
    >>> made.value.split("\\n"), made.fields["slots"]["user"]
    (['user:', 'Rows.', 'events:', 'Moved.'], 'Rows.')
    """

    name: ClassVar[str] = "slotted_fold"
    needs: ClassVar[tuple[str, ...]] = ("language-model",)

    slots: tuple[tuple[str, str], ...] = PERSON
    instruction: str = ""
    task: str = "fold_slots"

    def __post_init__(self) -> None:
        if not self.slots:
            raise BadInput("slotted_fold.slots: give at least one")

    def fold(self, state: Record | None, new: Sequence[Record], budget: int, view: View) -> Record:
        """``state`` with the new records folded into its slots."""
        asked = {
            "text": state.value if state else "",
            "new": [record.value for record in new],
            "slots": [{"name": name, "about": about} for name, about in self.slots],
            "tokens": budget,
            "instruction": self.instruction,
        }
        told = {slot["name"]: slot["text"] for slot in view.tools.ask(self.task, asked)["slots"] if slot["text"]}
        texts = {name: told[name] for name, _ in self.slots if name in told}
        value = "\n".join(f"{name}:\n{text}" for name, text in texts.items())
        if not value or view.tools.count_tokens(value) > budget:
            return Extractive().fold(state, new, budget, view)
        made = folded(state, new, value)
        return made.with_(fields={**made.fields, "slots": texts})
