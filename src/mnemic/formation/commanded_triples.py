"""Commanded triples: what an agent writes as ``[MEM_WRITE{head>>relation>>tail}]`` becomes a triple; no model is asked.

Source: A. Modarressi et al., "RET-LLM", arXiv 2305.14322, 2023.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import ClassVar

from mnemic.core.evidence import Segment
from mnemic.core.record import Key, Record
from mnemic.core.stage import Extractor
from mnemic.core.times import Interval, Times
from mnemic.core.triple_commands import commands_in
from mnemic.core.view import View


@dataclass(frozen=True)
class CommandedTriples(Extractor):
    """A draft for each well-formed command, which cites just the command.

    Parameters: ``roles``, whose turns may command (None: anybody's); ``kind`` of the records; ``key`` under which the
    whole triple is found.

    >>> from mnemic.core.evidence import Event, Part
    >>> from mnemic.core.times import instant
    >>> turn = Event(id="e1", session="s", role="assistant", parts=(Part("text", "[MEM_WRITE{Anna>>rows on>>Tagus}]"),),
    ...              occurred_at=instant("2026-06-02"))
    >>> triple, = CommandedTriples().extract(Segment((turn,)), view=None)
    >>> triple.value, triple.fields["relation"]
    ('Anna rows on Tagus', 'rows on')
    """

    name: ClassVar[str] = "commanded_triples"

    roles: tuple[str, ...] | None = ("assistant",)
    kind: str = "triple"
    key: str = "said"

    def extract(self, segment: Segment, view: View) -> Iterable[Record]:
        """The triples, in the order of their commands."""
        for event in segment.events:
            if self.roles is not None and event.role not in self.roles:
                continue
            for command in commands_in(event.text):
                if command.verb != "WRITE":
                    continue
                value = f"{command.head} {command.relation} {command.tail}"
                yield Record(
                    id="",
                    kind=self.kind,
                    value=value,
                    keys={self.key: Key(value)},
                    fields=command.slots,
                    entities=tuple(dict.fromkeys((command.head, command.tail))),
                    times=Times(event=Interval(event.occurred_at, event.occurred_at)),
                    sources=(event.span(command.start, command.end),),
                    session=event.session,
                    actor=event.actor,
                    role=event.role,
                )
