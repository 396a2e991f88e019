"""Paired replay: a record enters only if the case that it comes from is done better with it than without it.

    S = reward(case with r) - reward(case without r) - token_cost · tokens(r);   admit r  iff  S ≥ least

The case is the episode behind the record: its task is answered anew, once with an empty slot and once with the record
in it, and both answers are judged against the outcome. What fails is kept apart, for governance to look at.
Source: H. Xu et al., "SEDM: Scalable Self-Evolving Distributed Memory for Agents", arXiv 2509.09498, 2025.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from mnemic.core.evidence import Event
from mnemic.core.op import Op
from mnemic.core.reading import Query
from mnemic.core.record import Record
from mnemic.core.stage import Gate
from mnemic.core.view import View


@dataclass(frozen=True, slots=True)
class Case:
    """A run that can be replayed: what was asked, and the answer it should come to."""

    question: str
    expected: str


def case_of(events: Sequence[Event]) -> Case | None:
    """The case of an episode: its task, and ``meta["expected"]``, else the last words of a run that succeeded.

    >>> from mnemic.core.experience import Episode, Step
    >>> from mnemic.core.list_view import ListView
    >>> from mnemic.core.evidence import Part
    >>> at = ListView([]).now
    >>> call = Event(id="t/1", session="t", role="assistant", parts=(Part("text", "Call them"),), occurred_at=at)
    >>> meta = {"task": "book a table", "reward": 1.0}
    >>> end = Event(id="t/2", session="t", role="outcome", parts=(), occurred_at=at, meta=meta)
    >>> case_of([call, end])
    Case(question='book a table', expected='Call them')
    """
    outcome = next((event for event in reversed(events) if "reward" in event.meta), None)
    if outcome is None or not outcome.meta.get("task"):
        return None
    said = [event.text for event in events if event is not outcome and event.role != "user" and event.text]
    won = (outcome.meta["reward"] or 0.0) >= 1.0
    expected = str(outcome.meta.get("expected") or (said[-1] if said and won else ""))
    return Case(str(outcome.meta["task"]), expected) if expected else None


@dataclass(frozen=True)
class PairedReplay(Gate):
    """Admits a new record of ``kinds`` that gains ``least`` or more; other ops and queries pass.

    Asks ``task`` with ``{question, lines, instruction}`` and ``judge_task`` with ``{question, expected, answer}``, each
    twice. ``token_cost``: reward that a token of the record must earn.

    >>> from mnemic.core.evidence import Part
    >>> from mnemic.core.list_view import ListTools, ListView
    >>> meta = {"task": "Which code?", "expected": "42", "reward": 1.0}
    >>> end = Event(id="t/0", session="t", role="outcome", parts=(), occurred_at=ListView([]).now, meta=meta, seq=1)
    >>> def answer(asked):
    ...     return {"known": True, "text": "".join(line["text"] for line in asked["lines"]), "cited": []}
    >>> def judge(asked):
    ...     return {"correct": asked["expected"] in asked["answer"]}
    >>> view = ListView([], events=[end], tools=ListTools(answers={"answer_question": answer, "judge": judge}))
    >>> good, bad = (Record(id="r", kind="lesson", value=text, session="t") for text in ("It is 42", "It is 7"))
    >>> PairedReplay().admit(Op.add(good), view), PairedReplay().admit(Op.add(bad), view)
    (None, 'its replay gains -0.00, and 0.05 are asked for')
    """

    name: ClassVar[str] = "paired_replay"
    needs: ClassVar[tuple[str, ...]] = ("language-model",)

    kinds: tuple[str, ...] = ("lesson",)
    least: float = 0.05
    token_cost: float = 0.001
    task: str = "answer_question"
    judge_task: str = "judge"

    def admit(self, subject: Op | Query, view: View) -> str | None:
        """None to admit, else what the replay showed."""
        if isinstance(subject, Query) or subject.kind != "ADD" or subject.record is None:
            return None
        record = subject.record
        if record.kind not in self.kinds:
            return None
        case = case_of(view.session_events(record.session))
        if case is None:
            return "there is no case to replay it on"
        gain = self._reward(case, [record], view) - self._reward(case, [], view)
        gain -= self.token_cost * view.tools.count_tokens(record.value)
        return None if gain >= self.least else f"its replay gains {gain:.2f}, and {self.least:g} are asked for"

    def _reward(self, case: Case, shown: Sequence[Record], view: View) -> float:
        lines = [{"alias": str(i), "text": record.value, "when": ""} for i, record in enumerate(shown)]
        asked: dict[str, Any] = {"question": case.question, "lines": lines, "instruction": ""}
        answer = view.tools.ask(self.task, asked)["text"]
        told = {"question": case.question, "expected": case.expected, "answer": answer}
        return float(view.tools.ask(self.judge_task, told)["correct"])
