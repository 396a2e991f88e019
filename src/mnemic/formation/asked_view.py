"""Asked view: a language model writes a shorter form of a record, which keeps its whole value.

    views[view] = summary of the turns that the record rests on

Source: the abstract of a page in "General Agentic Memory Via Deep Research" (GAM), arXiv 2511.18423, 2025.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from mnemic.core.alias import AliasMap
from mnemic.core.asking import shown_turns
from mnemic.core.errors import BadInput
from mnemic.core.evidence import Segment
from mnemic.core.record import VIEW_LADDER, Record
from mnemic.core.stage import Annotator
from mnemic.core.view import View


@dataclass(frozen=True)
class AskedView(Annotator):
    """Asks ``task`` with ``{turns, tokens, instruction}``; the answer is ``{text}``. One call a draft.

    Parameters: ``view``, compressed, summary or stub; ``kinds``, only these kinds of draft; ``tokens``, how long it may
    be; ``instruction``, wishes. An empty answer leaves the draft as it is. Raises BadInput for another view.

    >>> from mnemic.core.evidence import Event, Part
    >>> from mnemic.core.list_view import ListTools, ListView
    >>> from mnemic.core.times import instant
    >>> turn = Event(id="e1", session="s", role="user", parts=(Part("text", "I moved to Porto in May"),),
    ...              occurred_at=instant("2026-06-02"))
    >>> view = ListView([], tools=ListTools(answers={"summarise": lambda asked: {"text": "Moved."}}))
    >>> draft = Record(id="", kind="page", value=turn.text, sources=(turn.span(),))
    >>> AskedView().annotate(draft, Segment((turn,)), view).views
    {'summary': 'Moved.'}
    """

    name: ClassVar[str] = "asked_view"
    needs: ClassVar[tuple[str, ...]] = ("language-model",)

    view: str = "summary"
    kinds: tuple[str, ...] | None = None
    tokens: int = 100
    instruction: str = ""
    task: str = "summarise"

    def __post_init__(self) -> None:
        if self.view not in VIEW_LADDER[1:]:
            raise BadInput(f"asked_view.view: {self.view!r} is none of {', '.join(VIEW_LADDER[1:])}")

    def annotate(self, draft: Record, segment: Segment, view: View) -> Record:
        """The draft with the view."""
        if self.kinds is not None and draft.kind not in self.kinds:
            return draft
        cited = {span.source for span in draft.sources}
        lines = [(event, text) for event, text in segment.lines if text and event.id in cited]
        asked = {"turns": shown_turns(lines, AliasMap()), "tokens": self.tokens, "instruction": self.instruction}
        text = view.tools.ask(self.task, asked)["text"] if lines else ""
        return draft.with_(views={**draft.views, self.view: text}) if text else draft
