"""Asked views: a draft is also found by a summary and by keywords that a language model makes of it.

    keys: the text, its summary, its keywords: one record, three ways of looking at it

Source: the granularities of D. Xu et al., "From Single to Multi-Granularity" (MemGAS), arXiv 2505.19549, 2025.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

from mnemic.core.alias import AliasMap
from mnemic.core.asking import shown_turns
from mnemic.core.evidence import Segment
from mnemic.core.record import Key, Record
from mnemic.core.stage import Annotator
from mnemic.core.view import View


@dataclass(frozen=True)
class AskedViews(Annotator):
    """Asks ``summary_task`` for ``{text}`` and ``keywords_task`` for ``{records: [{keywords}]}`` of a segment.

    The summary becomes a view and a key, the keywords a key. Parameters: ``kind``, which drafts; ``tokens`` of the
    summary; ``summary`` and ``keywords``, the names of the keys.

    >>> from mnemic.core.evidence import Event, Part
    >>> from mnemic.core.list_view import ListTools, ListView
    >>> from mnemic.core.times import instant
    >>> turn = Event(id="e1", session="s", role="user", parts=(Part("text", "We moved"),),
    ...              occurred_at=instant("2026-06-02"))
    >>> answers = {"summarise": lambda asked: {"text": "They moved."},
    ...            "write_note": lambda asked: {"records": [{"text": "x", "keywords": ["move", "flat"]}]}}
    >>> draft = Record(id="", kind="session", value="user: We moved")
    >>> made = AskedViews().annotate(draft, Segment((turn,)), ListView([], tools=ListTools(answers=answers)))
    >>> made.views, {name: key.text for name, key in made.keys.items()}
    ({'summary': 'They moved.'}, {'summary': 'They moved.', 'keywords': 'move; flat'})
    """

    name: ClassVar[str] = "asked_views"
    needs: ClassVar[tuple[str, ...]] = ("language-model",)

    kind: str = "session"
    tokens: int = 120
    summary: str = "summary"
    keywords: str = "keywords"
    summary_task: str = "summarise"
    keywords_task: str = "write_note"

    def annotate(self, draft: Record, segment: Segment, view: View) -> Record:
        """The draft with the summary and keywords that came back; its value is left as it is."""
        lines = [(event, text) for event, text in segment.lines if text]
        if draft.kind != self.kind or not lines:
            return draft
        asked: dict[str, Any] = {"turns": shown_turns(lines, AliasMap()), "instruction": ""}
        keys, views = dict(draft.keys), dict(draft.views)
        if text := view.tools.ask(self.summary_task, {**asked, "tokens": self.tokens})["text"]:
            views["summary"] = text
            keys[self.summary] = Key(text)
        notes = view.tools.ask(self.keywords_task, asked)["records"]
        if words := list(dict.fromkeys(word for note in notes for word in note.get("keywords", ()))):
            keys[self.keywords] = Key("; ".join(words))
        return draft.with_(keys=keys, views=views)
