"""Feedback on what was recalled, and episodes to learn from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

FeedbackKind = Literal["cited", "uncited", "correct", "wrong", "liked", "label", "correction"]
FEEDBACK_KINDS: tuple[str, ...] = ("cited", "uncited", "correct", "wrong", "liked", "label", "correction")

#: The role of an event that holds a correction of no record in particular.
FEEDBACK_ROLE = "feedback"

#: Which raw counter each kind adds to; what a counter means is a rule's business, not the store's.
COUNTER_OF: dict[str, str] = {
    "cited": "cited",
    "uncited": "uncited",
    "correct": "successes",
    "wrong": "failures",
    "liked": "liked",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Feedback:
    """What became of records that were recalled: the one door by which use is fed back (law 13).

    ``text`` is the label of kind ``label`` or the right wording of kind ``correction``.
    """

    kind: FeedbackKind
    records: tuple[str, ...]
    receipt: str = ""
    text: str = ""
    value: float = 1.0


#: What each kind of feedback says of a record's place among those that were recalled for a question.
REWARD_OF: dict[str, float] = {"cited": 1.0, "correct": 1.0, "liked": 1.0, "uncited": -1.0, "wrong": -1.0}


@dataclass(frozen=True, slots=True)
class Judged:
    """What became of the records recalled for one question: +1 for each that helped, -1 for each that did not.

    >>> Judged("rc1", "Which tea?", {"r1": 1.0, "r2": -1.0}).rewards["r1"]
    1.0
    """

    receipt: str
    question: str
    rewards: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class Step:
    """One step of an episode: what was seen, done, and what came of it."""

    observation: str = ""
    action: str = ""
    result: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Episode:
    """A task as it was tried: its steps, its reward in 0..1 and the records that helped.

    >>> Episode(id="t1", task="book a table", steps=(Step(action="call"),), reward=1.0).succeeded
    True
    """

    id: str
    task: str
    steps: tuple[Step, ...] = ()
    reward: float | None = None
    records_used: tuple[str, ...] = ()
    meta: Mapping[str, Any] = field(default_factory=dict)

    @property
    def succeeded(self) -> bool:
        """Whether the reward is full."""
        return self.reward is not None and self.reward >= 1.0
