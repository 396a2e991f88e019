"""An extractor that asks a scripted model for the records of a segment: what the six systems read with."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from mnemic.core.evidence import Segment
from mnemic.core.record import Key, Record
from mnemic.core.stage import Extractor
from mnemic.core.times import Interval, Times
from mnemic.core.view import View
from mnemic.evolution.neighbour_rewriting import note_text


@dataclass(frozen=True)
class AskedRecords(Extractor):
    """Asks ``task`` with {text, speaker, date}; the answer is {records: [{text, kind, entities, tags, ...}]}."""

    name: ClassVar[str] = "asked_records"
    needs: ClassVar[tuple[str, ...]] = ("language-model",)

    task: str = "extract_facts"
    kind: str = "semantic"
    key: str = "said"

    def extract(self, segment: Segment, view: View) -> Iterable[Record]:
        first = segment.events[0]
        text = "\n".join(event.text for event in segment.events)
        asked = {"text": text, "speaker": first.speaker, "date": first.occurred_at.date().isoformat()}
        for told in view.tools.ask(self.task, asked).get("records", ()):
            draft = Record(
                id="",
                kind=told.get("kind", self.kind),
                value=told["text"],
                entities=tuple(told.get("entities", ())),
                tags=tuple(told.get("tags", ())),
                fields=dict(told.get("fields", {})),
                epistemic=told.get("epistemic", "evidence"),
                confidence=told.get("confidence"),
                times=Times(event=Interval(first.occurred_at, first.occurred_at)),
                sources=segment.spans,
                session=first.session,
                actor=first.actor,
                role=first.role,
            )
            yield draft.with_(keys={self.key: Key(note_text(draft) if draft.kind == "note" else draft.value)})


def as_said(inputs: Mapping[str, Any]) -> dict[str, Any]:
    """One record that says what was said, about the names in it."""
    words = [word.strip(".,?!") for word in inputs["text"].split()]
    names = list(dict.fromkeys(word for word in words if word[:1].isupper() and len(word) > 2))
    return {"records": [{"text": inputs["text"], "entities": names, "tags": [w.lower() for w in words[-1:]]}]}
