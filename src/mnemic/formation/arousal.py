"""Arousal: how stirred a text is, by a small list of words that stir.

    a = 1 - (1 - .1) · Π_words (1 - stir(word)) · .9^(exclamation marks) · .9^(words in capitals)        in 0..1

A stand-in for a trained regressor, with a list of this project's own. Source of the feature: R. Sumida et al., "Should
RAG Chatbots Forget Unimportant Conversations?" (LUFY), arXiv 2409.12524, 2024.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from typing import ClassVar

from mnemic.core.analysis import terms
from mnemic.core.evidence import Segment
from mnemic.core.record import Record
from mnemic.core.stage import Annotator
from mnemic.core.view import View

CALM = 0.1
STIRRING = {
    0.6: """abuse accident afraid ambulance angry assault attack awful bomb broke burglary cancer crash crying cry dead
    death die died disaster divorce emergency exploded fire fired funeral furious gun hate heartbroken horrible hospital
    hurt injured kill killed lost love miscarriage murder nightmare panic police pregnant rage rape robbed scream
    shock shot stolen suicide surgery terrified terror thrilled trauma war wedding won""",
    0.35: """adventure amazed amazing anniversary anxious argue argued argument ashamed baby betrayed birth birthday
    brave celebrate challenge champion chase cheat competition congratulations danger dangerous desperate devastated
    disgusted dream embarrassed engaged escape excited exciting fail failed fear fight fought frightened grief guilty
    incredible jealous joy kiss laugh lonely married miss nervous passion pain proud promoted promotion quit race
    regret rescue revenge risk romantic sad scared scary secret sick storm stress stressed surprise surprised tears
    thunder travel triumph upset victory violent win worried worry yell""",
    0.15: """best crazy dance festival fun game glad happy hope hurry journey like music nice party play smile song
    special sport tired trip wild wonderful""",
}
_SHOUTED = re.compile(r"\b[A-Z]{3,}\b")


@cache
def _stirs() -> dict[str, float]:
    return {term: level for level in sorted(STIRRING) for word in STIRRING[level].split() for term in terms(word)}


def arousal(text: str) -> float:
    """How stirred a text is, 0..1.

    >>> arousal("I had toast."), round(arousal("Panic! The ambulance came!"), 2)
    (0.1, 0.88)
    """
    calm = 1 - CALM
    for term in set(terms(text)):
        calm *= 1 - _stirs().get(term, 0.0)
    raised = min(text.count("!"), 3) + min(len(_SHOUTED.findall(text)), 3)
    return round(1 - calm * 0.9**raised, 4)


@dataclass(frozen=True)
class Arousal(Annotator):
    """Sets the field ``arousal`` of every draft.

    >>> draft = Record(id="", kind="episodic", value="We won!")
    >>> Arousal().annotate(draft, Segment(()), view=None).fields
    {'arousal': 0.676}
    """

    name: ClassVar[str] = "arousal"

    def annotate(self, draft: Record, segment: Segment, view: View) -> Record:
        """The draft with the field."""
        return draft.with_(fields={**draft.fields, "arousal": arousal(draft.value)})
