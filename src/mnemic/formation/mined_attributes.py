"""Mined attributes: a language model says what a record tells as pairs of attribute and value, to find it by.

    fields["attributes"] = [(a₁, v₁), …], most telling first;   tags ∪= {v};   key = "a₁: v₁; a₂: v₂; …"

Attributes are chosen freely, about a thing (its genre, its maker) or a conversation (intent, emotion, event, place).
Source: R. Salama et al., "MemInsight: Autonomous Memory Augmentation for LLM Agents", arXiv 2503.21760, 2025.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from mnemic.core.errors import BadInput
from mnemic.core.evidence import Segment
from mnemic.core.record import Key, Record
from mnemic.core.stage import Annotator
from mnemic.core.view import View
from mnemic.core.wording import attributes_text


@dataclass(frozen=True)
class MinedAttributes(Annotator):
    """Asks ``task`` with ``{text, most, instruction}``; the answer is ``{attributes: [{attribute, value}]}``.

    Parameters: ``most`` pairs; ``key``, the key that holds the pairs (none: ""); ``kinds``, only these kinds of draft;
    ``instruction``, such as which attributes are wanted. One call a draft. Raises BadInput for ``most`` below 1.

    >>> from mnemic.core.list_view import ListTools, ListView
    >>> answer = {"attributes": [{"attribute": "place", "value": "Lisbon"}]}
    >>> view = ListView([], tools=ListTools(answers={"mine_attributes": lambda asked: answer}))
    >>> draft = Record(id="", kind="episodic", value="We moved!")
    >>> made = MinedAttributes().annotate(draft, Segment(()), view)
    >>> made.fields["attributes"], made.tags, made.keys["attributes"].text
    ([['place', 'Lisbon']], ('lisbon',), 'place: Lisbon')
    """

    name: ClassVar[str] = "mined_attributes"
    needs: ClassVar[tuple[str, ...]] = ("language-model",)

    most: int = 8
    key: str = "attributes"
    kinds: tuple[str, ...] | None = None
    instruction: str = ""
    task: str = "mine_attributes"

    def __post_init__(self) -> None:
        if self.most < 1:
            raise BadInput(f"mined_attributes.most: {self.most} must be 1 or more")

    def annotate(self, draft: Record, segment: Segment, view: View) -> Record:
        """The draft with its attributes; as it is when it tells none."""
        if self.kinds is not None and draft.kind not in self.kinds:
            return draft
        text = f"{draft.actor}: {draft.value}" if draft.actor else draft.value
        asked = {"text": text, "most": self.most, "instruction": self.instruction}
        pairs = [[told["attribute"], told["value"]] for told in view.tools.ask(self.task, asked)["attributes"]]
        if not pairs:
            return draft
        tags = tuple(dict.fromkeys((*draft.tags, *(value.casefold() for _, value in pairs))))
        keys = {**draft.keys, self.key: Key(attributes_text(pairs))} if self.key else draft.keys
        return draft.with_(fields={**draft.fields, "attributes": pairs}, tags=tags, keys=keys)
