"""Continuity: a chain of turns goes on as long as each turn goes on with those before it.

    segment = e_i .. e_j,   j + 1 = the first turn of which the answer to "does it go on?" is no

Source: the page chains of J. Kang et al., "Memory OS of AI Agent", arXiv 2506.06326, 2025.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import ClassVar

from mnemic.core.alias import AliasMap
from mnemic.core.asking import shown_turns
from mnemic.core.errors import BadInput
from mnemic.core.evidence import Event, Segment
from mnemic.core.stage import Segmenter
from mnemic.core.view import View


@dataclass(frozen=True)
class Continuity(Segmenter):
    """Asks ``task`` with ``{earlier, turns}`` for each turn but the first; the answer is ``{continues}``.

    While the session goes on, ``queue`` turns wait: nothing is asked before there are more, then the oldest chain
    leaves. Parameters: ``earlier``, how many turns before are shown; ``longest``, turns after which a chain ends in any
    case. A turn is asked about when it may begin a chain, so about once. Raises BadInput when a number is below 1.

    >>> from mnemic.core.evidence import Part
    >>> from mnemic.core.list_view import ListTools, ListView
    >>> def turn(i, text):
    ...     return Event(id=f"e{i}", session="s", role="user", parts=(Part("text", text),), seq=i,
    ...                  occurred_at=ListView([]).now)
    >>> def same(asked):
    ...     return {"continues": asked["turns"][0]["text"][:3] == asked["earlier"][-1]["text"][:3]}
    >>> view = ListView([], tools=ListTools(answers={"continues": same}))
    >>> talk = [turn(i, text) for i, text in enumerate(["Rex barks", "Rex runs", "It rains", "It pours"])]
    >>> [len(segment.events) for segment in Continuity().split(talk, view, closed=True)]
    [2, 2]
    """

    name: ClassVar[str] = "continuity"
    needs: ClassVar[tuple[str, ...]] = ("language-model",)

    queue: int = 10
    earlier: int = 3
    longest: int = 20
    task: str = "continues"

    def __post_init__(self) -> None:
        for name in ("queue", "earlier", "longest"):
            if getattr(self, name) < 1:
                raise BadInput(f"continuity.{name}: {getattr(self, name)} must be 1 turn or more")

    def split(self, events: Sequence[Event], view: View, *, closed: bool) -> Iterable[Segment]:
        """The chains, in order; those that wait are one open segment."""
        events = tuple(events)
        while events:
            if not closed and len(events) <= self.queue:
                yield Segment(events, open=True)
                return
            end = 1
            while end < min(len(events), self.longest) and self._continues(events[:end], events[end], view):
                end += 1
            yield Segment(events[:end])
            events = events[end:]

    def _continues(self, chain: Sequence[Event], event: Event, view: View) -> bool:
        aliases = AliasMap()
        before = shown_turns(((one, one.text) for one in chain[-self.earlier :]), aliases, "e")
        turns = shown_turns([(event, event.text)], aliases)
        return bool(view.tools.ask(self.task, {"earlier": before, "turns": turns})["continues"])
