"""Asked topics: a language model says which turns of a session are on one topic; a session is cut where it changes.

    topic of turn i = first topic that names it;   a segment = a run of turns of one topic

The segments cover the session exactly, in order and without overlap, whatever the model answers: turns that no topic
names make segments of their own, without a topic; an answer that cannot be read gives groups of a fixed size.
Source: topic segments in Z. Pan et al., "SeCom", arXiv 2502.05589, 2025; the topic "none of the others" in J. Lu et
al., "MemoChat", arXiv 2308.08239, 2023.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any, ClassVar

from mnemic.core.alias import AliasMap
from mnemic.core.asking import ids_of, shown_turns
from mnemic.core.errors import BadInput, Malformed
from mnemic.core.evidence import Event, Segment
from mnemic.core.stage import Segmenter
from mnemic.core.view import View


@dataclass(frozen=True)
class AskedTopics(Segmenter):
    """Asks ``task`` with ``{turns, instruction}``; the answer is ``{records: [{title, text, turns: [alias]}]}``.

    A segment's topic is the title, its summary the text, when all turns of that topic are in it. While the session goes
    on nothing is asked before ``least`` turns wait; then the last topic stays open, unless it is the only one. At most
    ``most`` turns are shown at once. Parameters: ``fallback``, turns of a group when the answer cannot be read;
    ``instruction``, wishes. One call a segment at most. Raises BadInput when a number is below 1.

    >>> from mnemic.core.evidence import Part
    >>> from mnemic.core.list_view import ListTools, ListView
    >>> from mnemic.core.times import instant
    >>> def turn(i, text):
    ...     return Event(id=f"e{i}", session="s", role="user", parts=(Part("text", text),), seq=i,
    ...                  occurred_at=instant("2026-06-02"))
    >>> topics = {"records": [{"title": "pets", "text": "Rex.", "turns": ["0"]},
    ...                       {"title": "trips", "text": "Porto.", "turns": ["2", "9"]}]}
    >>> view = ListView([], tools=ListTools(answers={"find_topics": lambda asked: topics}))
    >>> events = [turn(i, text) for i, text in enumerate(["Rex barks", "Hm", "To Porto!"])]
    >>> [(len(s.events), s.topic, s.summary) for s in AskedTopics().split(events, view, closed=True)]
    [(1, 'pets', 'Rex.'), (1, '', ''), (1, 'trips', 'Porto.')]
    """

    name: ClassVar[str] = "asked_topics"
    needs: ClassVar[tuple[str, ...]] = ("language-model",)

    least: int = 10
    most: int = 60
    fallback: int = 6
    instruction: str = ""
    task: str = "find_topics"

    def __post_init__(self) -> None:
        for name in ("least", "most", "fallback"):
            if getattr(self, name) < 1:
                raise BadInput(f"asked_topics.{name}: {getattr(self, name)} must be 1 turn or more")

    def split(self, events: Sequence[Event], view: View, *, closed: bool) -> Iterable[Segment]:
        """The segments, in order; nothing for no events."""
        if not events:
            return
        if not closed and len(events) < min(self.least, self.most):
            yield Segment(tuple(events), open=True)
            return
        shown, rest = events[: self.most], tuple(events[self.most :])
        segments = self._cut(shown, view)
        # The last topic may go on in turns that were not shown, or not said yet.
        goes_on = len(segments) > 1 and (bool(rest) or not closed)
        yield from segments[:-1] if goes_on else segments
        if goes_on:
            yield Segment((*segments[-1].events, *rest), open=True)
        elif rest:
            yield Segment(rest, open=True)

    def _cut(self, events: Sequence[Event], view: View) -> list[Segment]:
        aliases = AliasMap()
        asked = {
            "turns": shown_turns(((event, event.text) for event in events), aliases),
            "instruction": self.instruction,
        }
        try:
            topics = view.tools.ask(self.task, asked)["records"]
        except Malformed:
            size = self.fallback
            return [Segment(tuple(events[start : start + size])) for start in range(0, len(events), size)]
        of_turn: dict[str, int] = {}
        for number, topic in enumerate(topics):
            for id_ in ids_of(topic.get("turns", ()), aliases):
                of_turn.setdefault(id_, number)
        runs = [(key, tuple(run)) for key, run in groupby(events, key=lambda event: of_turn.get(event.id, -1))]
        counts = [key for key, _ in runs]
        return [_segment(run, topics[key] if key >= 0 else {}, counts.count(key) == 1) for key, run in runs]


def _segment(run: tuple[Event, ...], topic: Mapping[str, Any], whole: bool) -> Segment:
    return Segment(run, topic=topic.get("title", ""), summary=topic.get("text", "") if whole else "")
