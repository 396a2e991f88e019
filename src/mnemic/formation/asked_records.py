"""Asked records: a language model reports what a segment tells, as records that rest on its turns.

    asked: turns by alias, earlier turns, what is remembered -> records [{text, turns, ...}]

What the answer says beyond a record's own attributes goes to its fields. What comes out of what is remembered and not
out of the turns is left out (echo guard).
Source: fact extraction as in P. Chhikara et al., "Mem0", arXiv 2504.19413, 2025; notes, triples and typed records of
other systems differ in their task.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from mnemic.core.alias import AliasMap
from mnemic.core.asking import ids_of, is_echo, shown_records, shown_turns
from mnemic.core.evidence import Event, Segment
from mnemic.core.reading import Where
from mnemic.core.record import KINDS, Key, Record
from mnemic.core.stage import Extractor
from mnemic.core.task import task_named
from mnemic.core.times import Interval, Times
from mnemic.core.view import View
from mnemic.core.wording import indexed_text
from mnemic.formation.asked_kinds import NO_KIND

#: What an answer may say of a record that has a place of its own there; the rest are fields.
ATTRIBUTES = ("text", "turns", "kind", "entities", "tags", "importance", "confidence", "epistemic")


@dataclass(frozen=True)
class AskedRecords(Extractor):
    """Asks ``task`` with ``{turns, earlier, known, instruction}`` and, if the task has it, ``kinds``.

    The answer is ``{records: [{text, turns: [alias], ...}]}``. A record cites the turns that it names; one that names
    only turns which were not shown is refused; one that names none rests on the whole segment. A segment that a router
    gave other kinds than these is passed over. Parameters: ``kind`` of records that do not say theirs; ``kinds``, the
    ones asked for; ``key`` under which they are found and ``indexed``, the fields that this key holds besides the
    value; ``lexical`` and ``dense``, which indexes it enters; ``earlier``, how many turns before the segment are shown;
    ``near``, how many records that are like it; ``roles``, whose turns are read; ``instruction``, wishes for the task;
    ``ontology``, how many of the bank's tags are told, so that they are used again.

    >>> from mnemic.core.evidence import Part
    >>> from mnemic.core.list_view import ListTools, ListView
    >>> from mnemic.core.times import instant
    >>> turn = Event(id="e1", session="s", role="user", parts=(Part("text", "I moved to Lisbon"),), actor="Anna",
    ...              occurred_at=instant("2026-06-02"))
    >>> answer = {"records": [{"text": "Anna lives in Lisbon", "turns": ["0"], "subject": "Anna"}]}
    >>> view = ListView([], tools=ListTools(answers={"extract_facts": lambda inputs: answer}))
    >>> fact, = AskedRecords().extract(Segment((turn,)), view)
    >>> fact.value, fact.sources[0].source, fact.fields["subject"]
    ('Anna lives in Lisbon', 'e1', 'Anna')
    """

    name: ClassVar[str] = "asked_records"
    needs: ClassVar[tuple[str, ...]] = ("language-model",)

    task: str = "extract_facts"
    kind: str = "semantic"
    kinds: tuple[str, ...] = ()
    key: str = "said"
    indexed: tuple[str, ...] = ()
    lexical: bool = True
    dense: bool = True
    earlier: int = 0
    near: int = 0
    roles: tuple[str, ...] | None = None
    instruction: str = ""
    ontology: int = 0

    def extract(self, segment: Segment, view: View) -> Iterable[Record]:
        """A draft for each record of the answer."""
        lines = [(event, text) for event, text in segment.lines if self.roles is None or event.role in self.roles]
        lines = [(event, text) for event, text in lines if text]
        typed = "kinds" in task_named(self.task).inputs.of
        wanted = self.kinds or (typed and segment.kinds) or (self.kind,)
        if segment.kinds:
            wanted = tuple(kind for kind in wanted if kind in segment.kinds and kind != NO_KIND)
        if not lines or not wanted:
            return
        aliases = AliasMap()
        asked: dict[str, Any] = {"turns": shown_turns(lines, aliases), "instruction": self.instruction}
        asked["earlier"] = self._earlier(segment, view)
        known = self._known(segment, view)
        asked["known"] = [*shown_records(known, AliasMap(), "k"), *self._tags(view)]
        if typed:
            asked["kinds"] = [{"name": kind, "about": KINDS.get(kind, "")} for kind in wanted]
        texts = {event.id: text for event, text in lines}
        events = {event.id: event for event, _ in lines}
        for told in view.tools.ask(self.task, asked)["records"]:
            cited = ids_of(told.get("turns", ()), aliases)
            if not cited and told.get("turns"):
                continue
            draft = self._draft(told, [events[i] for i in cited or events])
            said = [texts[i] for i in cited or texts]
            if draft.value and not is_echo(draft.value, said, [record.value for record in known]):
                yield draft

    def _earlier(self, segment: Segment, view: View) -> list[dict[str, Any]]:
        if not self.earlier:
            return []
        first = segment.events[0]
        events = view.session_events(first.session, before=first.seq, last=self.earlier)
        return shown_turns(((event, event.text) for event in events), AliasMap(), "e")

    def _tags(self, view: View) -> list[dict[str, Any]]:
        # Tags come out of memory, so they are told where what is remembered is told.
        counts = view.facts("tag") if self.ontology else {}
        used = sorted(counts, key=lambda tag: (-counts[tag], tag))[: self.ontology]
        return [{"alias": "tags", "text": f"Tags in use: {', '.join(used)}", "when": ""}] if used else []

    def _known(self, segment: Segment, view: View) -> Sequence[Record]:
        if not self.near:
            return ()
        where = Where(kinds=self.kinds or (self.kind,))
        hits = view.dense(segment.text[:2000], key=self.key, k=self.near, where=where)
        found = view.get([hit.id for hit in hits])
        return [found[hit.id] for hit in hits if hit.id in found]

    def _draft(self, told: Mapping[str, Any], events: Sequence[Event]) -> Record:
        first = events[0]
        actors = {event.actor for event in events}
        fields = {name: value for name, value in told.items() if name not in ATTRIBUTES and value not in ("", [], None)}
        # What only an assistant said is unconfirmed until the user takes it up (law 10).
        if all(event.role == "assistant" for event in events):
            fields["unconfirmed"] = True
        triple = (str(told.get(part, "")) for part in ("head", "relation", "tail"))
        draft = Record(
            id="",
            kind=told.get("kind") or self.kind,
            value=told.get("text") or " ".join(part for part in triple if part),
            entities=tuple(told.get("entities") or dict.fromkeys(filter(None, map(told.get, ("head", "tail"))))),
            tags=tuple(told.get("tags") or ()),
            fields=fields,
            epistemic=told.get("epistemic") or "evidence",
            confidence=told.get("confidence"),
            importance=told.get("importance"),
            times=Times(event=Interval(min(e.occurred_at for e in events), max(e.occurred_at for e in events))),
            sources=tuple(event.span() for event in events),
            session=first.session,
            actor=first.actor if len(actors) == 1 else "",
            role=first.role,
        )
        if not self.key:
            return draft
        return draft.with_(keys={self.key: Key(indexed_text(draft, self.indexed), self.lexical, self.dense)})
