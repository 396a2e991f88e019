"""Asked summary: a language model sums up a segment, and the summary rests on every turn of it.

What the segmenter said of a segment when it found its topic is taken as it is: the model is not asked twice.

Source: session summaries as in W. Zhong et al., "MemoryBank", arXiv 2305.10250, 2023.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import ClassVar

from mnemic.core.alias import AliasMap
from mnemic.core.asking import shown_turns
from mnemic.core.evidence import Segment
from mnemic.core.record import Key, Record
from mnemic.core.stage import Extractor
from mnemic.core.times import Interval, Times
from mnemic.core.view import View


@dataclass(frozen=True)
class AskedSummary(Extractor):
    """Asks ``task`` with ``{turns, earlier, tokens, instruction}``; the answer is ``{text}``.

    An empty answer gives no record. A segment's topic stands before its summary and is the field ``topic``. Parameters:
    ``kind`` of the record; ``key`` under which it is found; ``tokens``, how long it may be; ``instruction``, wishes for
    the task.

    >>> from mnemic.core.evidence import Event, Part
    >>> from mnemic.core.list_view import ListTools, ListView
    >>> from mnemic.core.times import instant
    >>> turn = Event(id="e1", session="s", role="user", parts=(Part("text", "I moved"),),
    ...              occurred_at=instant("2026-06-02"))
    >>> view = ListView([], tools=ListTools(answers={"summarise": lambda inputs: {"text": "The user moved."}}))
    >>> [(record.kind, record.value) for record in AskedSummary().extract(Segment((turn,)), view)]
    [('summary', 'The user moved.')]
    """

    name: ClassVar[str] = "asked_summary"
    needs: ClassVar[tuple[str, ...]] = ("language-model",)

    task: str = "summarise"
    kind: str = "summary"
    key: str = "said"
    tokens: int = 200
    instruction: str = ""

    def extract(self, segment: Segment, view: View) -> Iterable[Record]:
        """The summary as a draft, if there is one."""
        lines = [(event, text) for event, text in segment.lines if text]
        if not lines:
            return
        asked = {"turns": shown_turns(lines, AliasMap()), "tokens": self.tokens, "instruction": self.instruction}
        said = segment.summary or view.tools.ask(self.task, asked)["text"]
        if not said:
            return
        text = said if said.startswith(segment.topic) else f"{segment.topic}: {said}"
        events = [event for event, _ in lines]
        yield Record(
            id="",
            kind=self.kind,
            value=text,
            keys={self.key: Key(text)},
            fields={"topic": segment.topic} if segment.topic else {},
            epistemic="inference",
            times=Times(event=Interval(events[0].occurred_at, events[-1].occurred_at)),
            sources=segment.spans,
            session=events[0].session,
        )
