"""Notes the names that a record's words mention, for search and linking by entity.

Names come from :func:`mnemic.core.names.find_names`; the speaker is the record's actor and no entity of what
was said, unless the words name them; who is addressed by name is one. No model is used.
Source: entity-indexed memories such as Gutiérrez et al., "HippoRAG", arXiv 2405.14831, 2024.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from mnemic.core.evidence import Segment
from mnemic.core.names import canonical_name, find_names
from mnemic.core.record import Record
from mnemic.core.stage import Annotator
from mnemic.core.view import View


@dataclass(frozen=True)
class NamedEntities(Annotator):
    """Adds names in canonical form to ``entities``; ``fields["names"]`` says how they were written.

    ``captions``: also names in ``fields["captions"]``. Entities that are there already stay first.

    >>> draft = Record(id="", kind="episodic", value="Hey Ben, I loved Café Luna!")
    >>> NamedEntities().annotate(draft, Segment(()), view=None).entities
    ('ben', 'cafe luna')
    """

    name: ClassVar[str] = "named_entities"
    sight: ClassVar[str] = "event"
    captions: bool = False

    def annotate(self, draft: Record, segment: Segment, view: View) -> Record:
        """The draft with the names of its words."""
        names = {canonical_name(name): name for name in find_names(_words(draft, segment))}
        if self.captions:
            for caption in draft.fields.get("captions", ()):
                for name in find_names(caption):
                    names.setdefault(canonical_name(name), name)
        if not names:
            return draft
        entities = tuple(dict.fromkeys((*draft.entities, *names)))
        written = {key: name for key, name in names.items() if key != name}
        fields = {**draft.fields, "names": {**draft.fields.get("names", {}), **written}} if written else draft.fields
        return draft.with_(entities=entities, fields=fields)


def _words(draft: Record, segment: Segment) -> str:
    """What was said, without the speakers' names that a segment's value puts before it."""
    cited = {span.source for span in draft.sources}
    said = [event.text for event in segment.events if event.id in cited]
    return "\n".join(said) if len(said) > 1 else draft.value
