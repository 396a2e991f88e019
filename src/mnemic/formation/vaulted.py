"""Vaulted: a secret is found by its heading alone; the words of the secret stand in no index, tag or entity.

Records of the kind ``secret`` are in no default scope; who is let in by ``Where(secrets=True)`` finds them by what
they are called.
Source: the knowledge vault of Y. Wang and X. Chen, "MIRIX", arXiv 2507.07957, 2025.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from mnemic.core.evidence import Segment
from mnemic.core.record import Key, Record
from mnemic.core.stage import Annotator
from mnemic.core.view import View
from mnemic.core.wording import speaker_of


@dataclass(frozen=True)
class Vaulted(Annotator):
    """Gives drafts of ``kind`` one key, their ``title`` field, or "secret of" who told it, in place of all others.

    >>> draft = Record(id="", kind="secret", value="The PIN is 4711", keys={"said": Key("The PIN is 4711")},
    ...                tags=("pin",), fields={"title": "Anna's PIN"})
    >>> made = Vaulted().annotate(draft, Segment(()), view=None)
    >>> made.keys["said"].text, made.tags, made.value
    ("Anna's PIN", (), 'The PIN is 4711')
    """

    name: ClassVar[str] = "vaulted"

    kind: str = "secret"
    key: str = "said"

    def annotate(self, draft: Record, segment: Segment, view: View) -> Record:
        """The draft, if it is a secret, without its words where it is looked for."""
        if draft.kind != self.kind:
            return draft
        title = str(draft.fields.get("title") or f"secret of {speaker_of(draft) or 'somebody'}")
        fields = {name: text for name, text in draft.fields.items() if name != "names"}
        return draft.with_(keys={self.key: Key(title)}, tags=(), entities=(), fields=fields)
