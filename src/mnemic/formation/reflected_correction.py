"""A reflected correction: what a model makes of a question, of what is remembered, and of what the user said to it.

    asked: question, feedback, what is remembered -> one statement

A hint gives no answer away; reflecting on it beside what is known can. Source: J. Li et al., "RAM: Towards an Ever-
Improving Memory System by Learning from Communications", arXiv 2404.12045, 2024.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from mnemic.core.alias import AliasMap
from mnemic.core.asking import shown_records
from mnemic.core.evidence import Event
from mnemic.core.reading import Where
from mnemic.core.view import View
from mnemic.formation.correction_record import CorrectionRecord


@dataclass(frozen=True)
class ReflectedCorrection(CorrectionRecord):
    """Asks ``task`` with ``{question, feedback, known}``; the answer is ``{text}``, and an empty one gives no record.

    ``near``: how many records that are like the question are shown.

    >>> from mnemic.core.evidence import Part, Segment
    >>> from mnemic.core.list_view import ListTools, ListView
    >>> from mnemic.core.times import instant
    >>> said = Event(id="e1", session="feedback", role="feedback", parts=(Part("text", "She left it in May"),),
    ...              occurred_at=instant("2026-06-02"), meta={"question": "Where does Anna live?"})
    >>> answer = {"text": "Anna does not live in Porto any more."}
    >>> view = ListView([], tools=ListTools(answers={"reflect": lambda inputs: answer}))
    >>> [record.value for record in ReflectedCorrection().extract(Segment((said,)), view)]
    ['Anna does not live in Porto any more.']
    """

    name: ClassVar[str] = "reflected_correction"
    needs: ClassVar[tuple[str, ...]] = ("embedder", "language-model")

    task: str = "reflect"
    near: int = 5

    def _text(self, event: Event, view: View) -> str:
        question = str(event.meta.get("question", ""))
        hits = view.dense(question or event.text, key=self.key, k=self.near, where=Where())
        found = view.get([hit.id for hit in hits])
        known = shown_records([found[hit.id] for hit in hits if hit.id in found], AliasMap())
        return str(view.tools.ask(self.task, {"question": question, "feedback": event.text, "known": known})["text"])
