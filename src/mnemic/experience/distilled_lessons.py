"""Distilled lessons: from how a task went, what to do next time, found by when it is of use.

    asked: task, steps, reward -> lessons [{when_to_use, lesson, score}];   key = when_to_use, value = lesson

Only episodes that succeeded are learnt from; a failure's lessons would have to prove themselves first.
Source: Z. Cao et al., "Remember Me, Refine Me" (ReMe), arXiv 2512.10696, 2025.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import ClassVar

from mnemic.core.evidence import Segment
from mnemic.core.record import Key, Record
from mnemic.core.stage import Extractor
from mnemic.core.times import Interval, Times
from mnemic.core.view import View


@dataclass(frozen=True)
class DistilledLessons(Extractor):
    """Asks ``task`` with ``{task, steps, reward}`` about a segment whose last event says how it went.

    Parameters: ``least_reward``, from which an episode counts as a success; ``least_score``, of the lessons that
    are kept (one without a score is kept). Segments without a reward give nothing.

    >>> from mnemic.core.evidence import Event, Part
    >>> from mnemic.core.list_view import ListTools, ListView
    >>> from mnemic.core.times import instant
    >>> end = Event(id="t/outcome", session="t", role="outcome", parts=(Part("text", "reward: 1.0"),),
    ...             occurred_at=instant("2026-06-02"), meta={"reward": 1.0, "task": "book a table"})
    >>> answer = {"lessons": [{"when_to_use": "booking a table", "lesson": "Call, do not write"}]}
    >>> view = ListView([], tools=ListTools(answers={"distil": lambda inputs: answer}))
    >>> lesson, = DistilledLessons().extract(Segment((end,)), view)
    >>> lesson.value, lesson.keys["when"].text
    ('Call, do not write', 'booking a table')
    """

    name: ClassVar[str] = "distilled_lessons"
    needs: ClassVar[tuple[str, ...]] = ("language-model",)

    task: str = "distil"
    least_reward: float = 1.0
    least_score: float = 0.5

    def extract(self, segment: Segment, view: View) -> Iterable[Record]:
        """A draft for each lesson."""
        outcome = segment.events[-1]
        reward = outcome.meta.get("reward")
        if reward is None or reward < self.least_reward:
            return []
        steps = [f"{event.speaker}: {event.text}" for event in segment.events[:-1]]
        answer = view.tools.ask(self.task, {"task": outcome.meta.get("task", ""), "steps": steps, "reward": reward})
        return [
            Record(
                id="",
                kind="lesson",
                value=str(lesson["lesson"]),
                keys={"when": Key(str(lesson["when_to_use"])), "lesson": Key(str(lesson["lesson"]))},
                epistemic="inference",
                times=Times(event=Interval(segment.events[0].occurred_at, outcome.occurred_at)),
                sources=segment.spans,
                session=outcome.session,
            )
            for lesson in answer.get("lessons", ())
            if lesson["score"] is None or lesson["score"] >= self.least_score
        ]
