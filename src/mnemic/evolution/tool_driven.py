"""Tool-driven: a model reads a stretch of conversation and writes it into memory by tool calls, all in one answer.

    shown: core (whole), the newest ``recent`` semantic and episodic records, the turns
    calls: insert(kind, text) | update(kind, memory, text) | delete(kind, memory);   tokens(core) ≤ ``limit``

The stretch itself is read, not kept: its draft becomes what the calls make of it, and its events stay in evidence.
Source: Y. Wang et al., "Mem-α: Learning Memory Construction via Reinforcement Learning", arXiv 2509.25911, 2025.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, ClassVar

from mnemic.core.alias import AliasMap
from mnemic.core.asking import ids_of, is_echo, shown_records, shown_turns
from mnemic.core.errors import Refused
from mnemic.core.evidence import Event
from mnemic.core.op import Op
from mnemic.core.reading import Where
from mnemic.core.record import Key, Record
from mnemic.core.rewording import reworded
from mnemic.core.stage import Resolver
from mnemic.core.times import Interval, Times
from mnemic.core.view import View

LISTS = ("semantic", "episodic")
CUT = " [cut: the core holds no more]"


@dataclass(frozen=True)
class ToolDriven(Resolver):
    """Asks ``task``, once a draft, with the turns it rests on and the memory; the answer is ``{calls}``.

    A call on a memory that was not shown, of another kind, or already deleted is refused on its own; a text that the
    memory holds already, or that comes out of it and not out of the turns, is skipped. Both leave a NOOP.
    Parameters: ``key`` of new records; ``recent``, how many of the newest records of each list are shown; ``limit``,
    tokens of the core, beyond which it is cut; ``instruction``, wishes for the task.

    >>> from mnemic.core.evidence import Part
    >>> from mnemic.core.list_view import ListTools, ListView
    >>> from mnemic.core.times import instant
    >>> turn = Event(id="e1", session="s", role="user", parts=(Part("text", "I am Anna"),), actor="Anna",
    ...              occurred_at=instant("2026-06-02"))
    >>> draft = Record(id="d1", kind="episodic", value="I am Anna", sources=(turn.span(),))
    >>> answer = {"calls": [{"tool": "update", "kind": "core", "text": "The user is Anna", "turns": ["0"]}]}
    >>> tools = ListTools(answers={"memory_tools": lambda inputs: answer})
    >>> op, = ToolDriven().resolve([draft], ListView([], events=[turn], tools=tools))
    >>> op.kind, op.record.kind, op.record.value
    ('ADD', 'core', 'The user is Anna')
    """

    name: ClassVar[str] = "tool_driven"
    needs: ClassVar[tuple[str, ...]] = ("language-model",)

    key: str = "said"
    recent: int = 20
    limit: int = 512
    task: str = "memory_tools"
    instruction: str = ""

    def resolve(self, drafts: Sequence[Record], view: View) -> Iterable[Op]:
        """What the calls do, one after the other."""
        memory = _Memory(self, view)
        for draft in drafts:
            memory.write(draft)
        return memory.ops


@dataclass(slots=True)
class _Memory:
    """The three parts as they stand while calls are carried out."""

    stage: ToolDriven
    view: View
    ops: list[Op] = field(default_factory=list)
    records: dict[str, Record] = field(default_factory=dict)
    gone: set[str] = field(default_factory=set)

    def write(self, draft: Record) -> None:
        """Show the memory and the draft's turns, and carry out what is called."""
        events = self.view.events(list(dict.fromkeys(span.source for span in draft.sources)))
        turns, memories = AliasMap(), AliasMap()
        core = self._core()
        asked: dict[str, Any] = {
            "turns": shown_turns(((event, event.text) for event in events.values()), turns),
            "core": core.value if core else "",
            "limit": self.stage.limit,
            "instruction": self.stage.instruction,
        }
        shown: set[str] = set()
        for kind in LISTS:
            held = self._newest(kind)
            shown.update(record.id for record in held)
            asked[kind] = shown_records(held, memories)
            asked[f"{kind}_total"] = str(self.view.count(Where(kinds=(kind,))))
        for call in self.view.tools.ask(self.stage.task, asked)["calls"]:
            cited = ids_of(call["turns"], turns) or list(events)
            try:
                self._carry_out(call, memories, [events[i] for i in cited])
            except Refused as refusal:
                self.ops.append(Op.noop(reason=f"refused: {refusal}", evidence=draft.sources, actor=self.stage.name))

    def _core(self) -> Record | None:
        stored = self.view.scan(Where(kinds=("core",)), limit=1)
        held = {record.id: record for record in (*stored, *self.records.values()) if record.kind == "core"}
        return next((record for record in reversed(held.values()) if record.id not in self.gone), None)

    def _newest(self, kind: str) -> list[Record]:
        stored = self.view.scan(Where(kinds=(kind,)), limit=self.stage.recent, newest_first=True)
        made = [record for record in self.records.values() if record.kind == kind]
        held = {record.id: record for record in (*reversed(stored), *made) if record.id not in self.gone}
        return list(held.values())[-self.stage.recent :]

    def _carry_out(self, call: Mapping[str, Any], memories: AliasMap, said: Sequence[Event]) -> None:
        tool, kind, text = call["tool"], call["kind"], call["text"]
        if tool != "delete" and not text:
            raise Refused(f"{tool} of {kind} memory: there is no text")
        if kind == "core":
            self._write_core("" if tool == "delete" else text, said)
        elif tool == "insert":
            self._insert(kind, text, said)
        else:
            old = self._held(memories.id(call["memory"]), kind)
            if tool == "update":
                self._update(old, text, said)
            else:
                self.gone.add(old.id)
                spans = tuple(event.span() for event in said)
                op = Op.supersede(old, "", reason="the model deleted it", actor=self.stage.name)
                self.ops.append(replace(op, evidence=spans))

    def _held(self, record_id: str, kind: str) -> Record:
        record = self.records.get(record_id) or self.view.get([record_id]).get(record_id)
        if record is None or record.kind != kind or record_id in self.gone:
            raise Refused(f"{kind} memory: the one that was named is of another kind or deleted already")
        return record

    def _write_core(self, text: str, said: Sequence[Event]) -> None:
        old = self._core()
        text = self._cut(text)
        if old is not None and text:
            self._update(old, text, said)
        elif old is not None:
            self.gone.add(old.id)
            self.ops.append(Op.demote(old, reason="the model emptied the core", actor=self.stage.name))
        elif text:
            self._add("core", text, said)

    def _cut(self, text: str) -> str:
        count = self.view.tools.count_tokens
        if count(text) <= self.stage.limit:
            return text
        kept = text.split()
        while kept and count(" ".join(kept) + CUT) > self.stage.limit:
            kept = kept[: min(len(kept) - 1, int(0.95 * len(kept)))]
        return " ".join(kept) + CUT

    def _insert(self, kind: str, text: str, said: Sequence[Event]) -> None:
        held = self._newest(kind)
        same = [record.id for record in held if record.value == text]
        if same or is_echo(text, [event.text for event in said], [record.value for record in held]):
            reason = f"says what {same[0]} says" if same else "comes out of memory, not out of the turns"
            spans = tuple(event.span() for event in said)
            self.ops.append(Op.noop(reason=reason, evidence=spans, actor=self.stage.name))
        else:
            self._add(kind, text, said)

    def _add(self, kind: str, text: str, said: Sequence[Event]) -> None:
        roles, actors = {event.role for event in said}, {event.actor for event in said}
        record = Record(
            id=self.view.tools.new_id(),
            kind=kind,
            value=text,
            keys={self.stage.key: Key(text)},
            fields={"unconfirmed": True} if roles == {"assistant"} else {},
            epistemic="inference" if kind == "core" else "evidence",
            times=Times(event=Interval(min(e.occurred_at for e in said), max(e.occurred_at for e in said))),
            sources=tuple(event.span() for event in said),
            session=said[0].session,
            actor=actors.pop() if len(actors) == 1 else "",
            role=said[0].role,
        )
        self.records[record.id] = record
        self.ops.append(Op.add(record, actor=self.stage.name))

    def _update(self, old: Record, text: str, said: Sequence[Event]) -> None:
        sources = tuple(dict.fromkeys((*old.sources, *(event.span() for event in said))))
        end = max(event.occurred_at for event in said)
        start = min(old.times.event.start, end) if old.times.event else end
        event = Interval(start, max(end, old.times.event.end) if old.times.event else end)
        new = reworded(old, text).with_(sources=sources, times=replace(old.times, event=event), epistemic="inference")
        self.records[old.id] = new
        self.ops.append(Op.update(old, new, reason="the model rewrote it", actor=self.stage.name))
