"""A correction becomes a record of its own, found by the question that was misread or answered wrongly.

    keys: question = form of the question that was asked,   said = the correction

A correction is handed in by feedback of kind ``correction`` that names no record; it arrives as an event with the role
``feedback``. A model may reflect on it first: what follows from the question, the answer given and what was said of it.
Source: A. Madaan et al., "MemPrompt", arXiv 2201.06009, 2022; J. Li et al., "RAM: Towards
an Ever-Improving Memory System by Learning from Communications", arXiv 2404.12045, 2024.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import ClassVar

from mnemic.core.evidence import Event, Segment
from mnemic.core.experience import FEEDBACK_ROLE
from mnemic.core.question_form import question_form
from mnemic.core.record import Key, Record
from mnemic.core.stage import Extractor
from mnemic.core.times import Interval, Times
from mnemic.core.view import View


@dataclass(frozen=True)
class CorrectionRecord(Extractor):
    """A record of each correction in the segment, as it was worded.

    Parameters: ``kind`` of the record; ``key`` under which its own words are found. The question is kept in
    ``fields["question"]``; a correction of no question has no key for it.

    >>> from mnemic.core.evidence import Part
    >>> from mnemic.core.times import instant
    >>> said = Event(id="e1", session="feedback", role="feedback", parts=(Part("text", "I mean a synonym"),),
    ...              occurred_at=instant("2026-06-02"), meta={"question": "What is a word like <happy>?"})
    >>> record, = CorrectionRecord().extract(Segment((said,)), view=None)
    >>> record.value, record.keys["question"].text
    ('I mean a synonym', 'what is a word like')
    """

    name: ClassVar[str] = "correction_record"

    kind: str = "correction"
    key: str = "said"

    def extract(self, segment: Segment, view: View) -> Iterable[Record]:
        """A draft for each correction."""
        for event in segment.events:
            if event.role == FEEDBACK_ROLE and (text := self._text(event, view)):
                yield self._draft(event, text)

    def _text(self, event: Event, view: View) -> str:
        return event.text.strip()

    def _draft(self, event: Event, text: str) -> Record:
        question = str(event.meta.get("question", ""))
        keys = {self.key: Key(text)}
        if question:
            keys["question"] = Key(question_form(question))
        return Record(
            id="",
            kind=self.kind,
            value=text,
            keys=keys,
            fields={"question": question} if question else {},
            times=Times(event=Interval(event.occurred_at, event.occurred_at)),
            sources=(event.span(),),
            session=event.session,
            actor=event.actor,
            role=event.role,
        )
