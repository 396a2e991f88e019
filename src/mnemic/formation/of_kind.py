"""Of kind: annotators that are meant for some kinds of record only, where a recipe forms several kinds of one turn."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import ClassVar

from mnemic.core.evidence import Segment
from mnemic.core.pipeline import Chain
from mnemic.core.record import Record
from mnemic.core.stage import Annotator
from mnemic.core.view import View


@dataclass(frozen=True)
class OfKind(Annotator):
    """Runs the annotators ``inner`` on drafts of ``kinds``; other drafts stay as they are.

    >>> from mnemic.formation.statements import Statements
    >>> stage = OfKind(("episodic",), Chain.of(Statements()))
    >>> said = Record(id="", kind="episodic", value="I love tea.", role="user")
    >>> [stage.annotate(said.with_(kind=kind), Segment(()), view=None).labels for kind in ("episodic", "semantic")]
    [('preference',), ()]
    """

    name: ClassVar[str] = "of_kind"
    sight: ClassVar[str] = "event"

    kinds: tuple[str, ...] = ("episodic",)
    inner: Chain = field(default_factory=Chain)

    def annotate(self, draft: Record, segment: Segment, view: View) -> Record:
        """The draft, annotated when it is of such a kind."""
        if draft.kind in self.kinds:
            for stage in self.inner:
                if isinstance(stage, Annotator):
                    draft = stage.annotate(draft, segment, view)
        return draft
