"""Notes who is said to have said what: "Maria told me that she moved" is Maria's word, at second hand.

who + (said | told me | thinks | ...) + what gives ``fields["reported"] = [{who, verb, what}]``.
Source: attribution of quotations as in T. O'Keefe et al., "A sequence labelling approach to quote attribution",
EMNLP 2012; here the plain rules that serve as its baseline.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import ClassVar

from mnemic.core.evidence import Segment
from mnemic.core.names import ORDINARY_WORDS
from mnemic.core.record import Record
from mnemic.core.stage import Annotator
from mnemic.core.view import View

_WHO = (
    r"(?P<who>(?:[Mm]y|[Oo]ur|[Tt]he)\s+(?:[a-z]+\s+)?[a-z]+|[A-ZÀ-ÞŁŚŽ]\w+(?:\s+[A-ZÀ-ÞŁŚŽ]\w+)?"
    r"|[Hh]e|[Ss]he|[Tt]hey)"
)
_ADVERB = r"(?:\s+(?:just|once|also|already|recently|always))?"
_SAYS = (
    r"(?P<verb>says?|said|mentioned|thinks|thought|believe[sd](?!\s+in\b)|claims|claimed|insists|insisted|explained|"
    r"announced|promised|admitted|suggested|recommended"
    r"|(?:told|tells|reminded|warned|assured|asked|promised)\s+(?:me|us|him|her|them|everyone|[A-Z]\w+))"
)
_REPORT = re.compile(
    rf"(?<![\w'’]){_WHO}{_ADVERB}\s+{_SAYS}\s*(?:,\s*|:\s*|\s)(?:that\s+)?(?P<what>[^.!?\n]*[^\s.!?\n][.!?]?)"
)
#: Stems of the verbs, so that most texts are left after one look.
_VERB_CUES = re.compile(
    r"\b(?:sa(?:y|id)|told|tell|mention|th(?:ink|ought)|belie|claim|insist|expl|announ|promis|admit|sugg|recomm|"
    r"remind|warn|assur|asked)"
)


@dataclass(frozen=True)
class ReportedSpeech(Annotator):
    """Sets ``fields["reported"]`` to a list of {who, verb, what}, in order; drafts without reports stay.

    >>> draft = Record(id="", kind="episodic", value="Maria told me that she moved to Porto. Nice, isn't it?")
    >>> ReportedSpeech().annotate(draft, Segment(()), view=None).fields["reported"]
    [{'who': 'Maria', 'verb': 'told me', 'what': 'she moved to Porto.'}]
    """

    name: ClassVar[str] = "reported_speech"

    def annotate(self, draft: Record, segment: Segment, view: View) -> Record:
        """The draft with the reports in its value."""
        if not _VERB_CUES.search(draft.value):
            return draft
        reported = [
            {"who": found["who"], "verb": " ".join(found["verb"].split()), "what": found["what"].strip()}
            for found in _REPORT.finditer(draft.value)
            if _names_someone(found["who"])
        ]
        return draft.with_(fields={**draft.fields, "reported": reported}) if reported else draft


def _names_someone(who: str) -> bool:
    first = who.split()[0].lower()
    return first in ("my", "our", "the", "he", "she", "they") or first not in ORDINARY_WORDS
