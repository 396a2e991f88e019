"""General form: a second key without the particulars, by which a record is found in another setting.

    key' = key with names → <name>,  numbers → <number>

Source: the abstraction of H. Xu et al., "SEDM: Scalable Self-Evolving Distributed Memory for Agents", arXiv 2509.09498,
2025, where the general form is a record of its own; here it is another way to the same one.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import ClassVar

from mnemic.core.evidence import Segment
from mnemic.core.names import find_names
from mnemic.core.record import Record
from mnemic.core.stage import Annotator
from mnemic.core.view import View

_NUMBER = re.compile(r"\b\d+(?:[.,:]\d+)*\b")


@dataclass(frozen=True)
class GeneralForm(Annotator):
    """Adds the key ``key`` to drafts that have the key ``of`` and something particular in it.

    >>> from mnemic.core.record import Key
    >>> draft = Record(id="", kind="lesson", value="", keys={"when": Key("when Anna books 4 seats in Porto")})
    >>> GeneralForm().annotate(draft, Segment(()), view=None).keys["general"].text
    'when <name> books <number> seats in <name>'
    """

    name: ClassVar[str] = "general_form"

    of: str = "when"
    key: str = "general"

    def annotate(self, draft: Record, segment: Segment, view: View) -> Record:
        """The draft with the key, if it says less than the other."""
        if self.of not in draft.keys:
            return draft
        text = _NUMBER.sub("<number>", draft.keys[self.of].text)
        for name in sorted(find_names(text), key=len, reverse=True):
            text = re.sub(rf"\b{re.escape(name)}\b", "<name>", text)
        if text == draft.keys[self.of].text:
            return draft
        return draft.with_(keys={**draft.keys, self.key: replace(draft.keys[self.of], text=text)})
