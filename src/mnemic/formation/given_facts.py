"""Given facts: facts that events carry with them, ready made, become records; no model is asked.

    meta["facts"] = [{subject, attribute, value, text, since?, until?, ended?, many?,
                      rests_on?: [{subject, attribute}]}]

Data that were annotated, forms that were filled in and importers know their facts already.
Source: this project.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from mnemic.core.errors import BadInput
from mnemic.core.evidence import Event, Segment
from mnemic.core.facts import OPEN_END, as_fact
from mnemic.core.record import Key, Record
from mnemic.core.stage import Extractor
from mnemic.core.times import Interval, Times, instant
from mnemic.core.view import View


@dataclass(frozen=True)
class GivenFacts(Extractor):
    """A record for each fact in ``meta[field]`` of the segment's events; what is no object is left out.

    A fact holds from ``since``, else from the time of its event. Parameters: ``field`` of the events' meta; ``kind``
    of the records; ``key`` under which a fact that names no slot is found.

    >>> from mnemic.core.evidence import Part
    >>> told = {"subject": "Anna", "attribute": "home", "value": "Porto", "text": "Anna lives in Porto"}
    >>> turn = Event(id="e1", session="s", role="user", parts=(Part("text", "Porto is home now"),), actor="Anna",
    ...              occurred_at=instant("2026-06-02"), meta={"facts": [told]})
    >>> fact, = GivenFacts().extract(Segment((turn,)), view=None)
    >>> fact.value, fact.fields["value"], fact.sources[0].source
    ('Anna lives in Porto', 'Porto', 'e1')
    """

    name: ClassVar[str] = "given_facts"
    sight: ClassVar[str] = "event"

    field: str = "facts"
    kind: str = "semantic"
    key: str = "fact"

    def extract(self, segment: Segment, view: View) -> Iterable[Record]:
        """A draft for each fact."""
        for event in segment.events:
            told = event.meta.get(self.field, ())
            for one in told if isinstance(told, (list, tuple)) else ():
                draft = self._draft(one, event) if isinstance(one, Mapping) else None
                if draft is not None:
                    yield draft

    def _draft(self, told: Mapping[str, Any], event: Event) -> Record | None:
        named = (str(told.get(part) or "") for part in ("subject", "attribute", "value"))
        text = str(told.get("text") or " ".join(part for part in named if part))
        if not text.strip():
            return None
        fields = {n: v for n, v in told.items() if n not in ("text", "since", "until") and v not in ("", [], None)}
        return as_fact(
            Record(
                id="",
                kind=self.kind,
                value=text,
                fields=fields,
                keys={self.key: Key(text, dense=False)},
                epistemic="inference",
                times=Times(event=Interval(event.occurred_at, event.occurred_at), valid=_validity(told, event)),
                sources=(event.span(),),
                session=event.session,
                actor=event.actor,
                role=event.role,
            )
        )


def _validity(told: Mapping[str, Any], event: Event) -> Interval | None:
    try:
        start = instant(told["since"]) if told.get("since") else event.occurred_at
        end = instant(told["until"]) if told.get("until") else OPEN_END
    except BadInput:
        return None
    return Interval(start, max(start, end))
