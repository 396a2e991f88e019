"""Asked kinds: a language model says which kinds of record a segment holds something for.

    asked: turns, kinds with what each is -> any of the kinds, or none

A segment for which no kind is named becomes no record; its events stay in evidence.
Source: the router of D. Patel and S. Patel, "ENGRAM", arXiv 2511.12960, 2025.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from mnemic.core.alias import AliasMap
from mnemic.core.asking import shown_turns
from mnemic.core.evidence import Segment
from mnemic.core.record import KINDS
from mnemic.core.stage import Router
from mnemic.core.view import View

#: What stands for "of no kind": without it a segment would be of every kind.
NO_KIND = "none"


@dataclass(frozen=True)
class AskedKinds(Router):
    """Asks ``task`` with ``{turns, kinds: [{name, about}]}``; the answer is ``{kinds}``.

    Parameters: ``kinds``, the ones to choose from.

    >>> from mnemic.core.evidence import Event, Part
    >>> from mnemic.core.list_view import ListTools, ListView
    >>> from mnemic.core.times import instant
    >>> turn = Event(id="e1", session="s", role="user", parts=(Part("text", "First boil water"),),
    ...              occurred_at=instant("2026-06-02"))
    >>> view = ListView([], tools=ListTools(answers={"route": lambda inputs: {"kinds": ["procedural"]}}))
    >>> AskedKinds().route(Segment((turn,)), view)
    ('procedural',)
    """

    name: ClassVar[str] = "asked_kinds"
    needs: ClassVar[tuple[str, ...]] = ("language-model",)

    kinds: tuple[str, ...] = ("episodic", "semantic", "procedural")
    task: str = "route"

    def route(self, segment: Segment, view: View) -> tuple[str, ...]:
        """The kinds that were named, ``("none",)`` when none was."""
        lines = [(event, text) for event, text in segment.lines if text]
        if not lines:
            return (NO_KIND,)
        about = [{"name": kind, "about": KINDS.get(kind, "")} for kind in self.kinds]
        told = view.tools.ask(self.task, {"turns": shown_turns(lines, AliasMap()), "kinds": about})["kinds"]
        return tuple(kind for kind in self.kinds if kind in told) or (NO_KIND,)
