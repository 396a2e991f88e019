"""Triple slots: a triple is found by each of its slots, as it is written and by what is near in meaning.

    labels: head=..., relation=..., tail=...     keys: head, relation, tail   (a distinct term is embedded once)

Source: the term table of A. Modarressi et al., "RET-LLM", arXiv 2305.14322, 2023.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from mnemic.core.evidence import Segment
from mnemic.core.record import Key, Record
from mnemic.core.stage import Annotator
from mnemic.core.triple_commands import SLOTS, slot_labels, slot_name
from mnemic.core.view import View


@dataclass(frozen=True)
class TripleSlots(Annotator):
    """Gives a draft with the fields head, relation and tail a label and a dense key for each; others stay as they are.

    ``dense`` says whether the keys are embedded, which paraphrases are found by.

    >>> fields = {"head": "Anna", "relation": "lives_in", "tail": "Lisbon"}
    >>> draft = Record(id="", kind="triple", value="Anna lives in Lisbon", fields=fields)
    >>> made = TripleSlots().annotate(draft, Segment(()), view=None)
    >>> made.labels, made.keys["relation"].text
    (('head=anna', 'relation=lives in', 'tail=lisbon'), 'lives in')
    """

    name: ClassVar[str] = "triple_slots"

    dense: bool = True

    def annotate(self, draft: Record, segment: Segment, view: View) -> Record:
        """The draft, found by its slots."""
        slots = {name: str(draft.fields.get(name, "")) for name in SLOTS}
        if not all(slots.values()):
            return draft
        labels = tuple(dict.fromkeys((*draft.labels, *slot_labels(slots))))
        keys = {name: Key(slot_name(term), lexical=False) for name, term in slots.items()} if self.dense else {}
        return draft.with_(labels=labels, keys={**draft.keys, **keys})
