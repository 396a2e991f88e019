"""The trial: the demo's conversation is retained, its questions are asked, their evidence is looked for.

Nothing is judged by a model: each question names the events that hold its answer, and they are in the context
or they are not.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.resources import files
from typing import TYPE_CHECKING

from mnemic.core.evidence import Event
from mnemic.core.reading import Context
from mnemic.core.wording import date_words

if TYPE_CHECKING:
    from mnemic.bank import Bank


@dataclass(frozen=True, slots=True)
class Question:
    """A question, when it is asked, its answer, and the events that hold it."""

    id: str
    question: str
    asked_at: str
    answer: str
    evidence: tuple[str, ...]
    why_hard: str


@dataclass(frozen=True, slots=True)
class Asked:
    """A question with the context that was recalled for it.

    ``places`` maps each event of the evidence that is in the context to the number of its line.
    """

    question: Question
    context: Context
    places: dict[str, int]

    @property
    def complete(self) -> bool:
        """Whether all evidence is in the context."""
        return len(self.places) == len(self.question.evidence)


def conversation() -> list[Event]:
    """The events of the conversation.

    >>> len(conversation()) > 200
    True
    """
    from mnemic.ingest import read_all

    events, _ = read_all((files("mnemic.demo") / "conversation.jsonl").read_bytes(), "jsonl")
    return events


def questions() -> list[Question]:
    """The ten questions.

    >>> questions()[0].question
    'What does Marta drink in the morning now?'
    """
    data = json.loads((files("mnemic.demo") / "questions.json").read_text("utf-8"))
    return [Question(**{**found, "evidence": tuple(found["evidence"])}) for found in data["questions"]]


def ask(bank: Bank, question: Question, tokens: int, profile: str | None = None) -> Asked:
    """Recall for a question and look for its evidence."""
    context = bank.recall(question.question, tokens=tokens, profile=profile, asked_at=question.asked_at)
    places = {
        event: citation.number
        for citation in context.citations
        for event in citation.events
        if event in question.evidence
    }
    return Asked(question, context, places)


def as_one_text(events: Sequence[Event]) -> str:
    """The whole conversation as a model would be given it without a memory."""
    return "\n".join(f"{date_words(event.occurred_at)}, {event.speaker}: {event.text}" for event in events)
