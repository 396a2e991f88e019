"""The cascade: from erased events to every entry of the log that rests on them, to the end of the chain.

    an entry goes   ⇔  it names an event or record that goes, or changes a record that goes
    a record goes   ⇔  the entry that made it goes;   else only what the entry did to it goes

What rests also on other evidence goes too, since its words may be those that were to be forgotten: that evidence is
formed anew.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from mnemic.engine.erasing.trace import Trace


@dataclass(slots=True)
class Cascade:
    """What goes of a traced log: events, records, entries. ``again`` are events whose records are to be made anew."""

    trace: Trace
    events: set[str] = field(default_factory=set)
    records: set[str] = field(default_factory=set)
    entries: set[int] = field(default_factory=set)

    def take(self, *, events: Iterable[str] = (), records: Iterable[str] = (), entries: Iterable[int] = ()) -> None:
        """Let these go, and all that rests on them."""
        trace = self.trace
        fresh = set(events) - self.events
        self.events |= fresh
        self.entries |= {trace.events[i].seq for i in fresh}
        waiting = list(fresh)
        waiting += self._drop(entries)
        for record in records:
            waiting += self._lose(record)
        while waiting:
            waiting += self._drop(trace.naming.get(waiting.pop(), ()))

    def _drop(self, entries: Iterable[int]) -> list[str]:
        lost: list[str] = []
        for seq in entries:
            if seq in self.entries:
                continue
            self.entries.add(seq)
            for owner in self.trace.owners.get(seq, ()):
                if self.trace.made_by(owner) == seq:
                    lost += self._lose(owner)
            # What a change did to those that rest on it was said in the same batch.
            lost += self._drop(self.trace.marking.get(self.trace.batches.get(seq, -1), ()))
        return lost

    def _lose(self, record: str) -> list[str]:
        if record in self.records:
            return []
        self.records.add(record)
        # A MERGE of several goes only where it made this record.
        made = self.trace.made_by(record)
        seqs = [seq for seq in self.trace.histories[record] if seq == made or self.trace.owners[seq] == (record,)]
        return [record, *self._drop(seqs)]

    def changed(self) -> list[str]:
        """Records that stay, but lose a part of their history."""
        owners = (owner for seq in self.entries for owner in self.trace.owners.get(seq, ()))
        return [owner for owner in dict.fromkeys(owners) if owner not in self.records]

    def cut(self) -> list[tuple[str, str, str]]:
        """Edges between records that stay of which an entry goes."""
        lost = dict.fromkeys(self.trace.edges[seq] for seq in self.entries if seq in self.trace.edges)
        return [edge for edge in lost if edge[0] not in self.records and edge[2] not in self.records]

    def to_form(self, reach: str) -> set[str]:
        """Events that stay and whose records may not be what they would be without those that go.

        ``reach`` says how far the recipe's stages look: ``event``, ``session`` or ``bank``.
        """
        trace = self.trace
        left = {i for i, event in trace.events.items() if event.formed == 1 and i not in self.events}
        if reach == "bank":
            return left
        out: set[str] = set()
        if reach == "session":
            sessions = {trace.events[i].session for i in self.events}
            out = {i for i in left if trace.events[i].session in sessions}
        touched = self.records | set(self.changed())
        return self._joined(touched, out) & left

    def _joined(self, touched: set[str], events: set[str]) -> set[str]:
        """The events of all records that share evidence, a slot, or a chain with the touched ones."""
        trace = self.trace
        by_slot: dict[str, list[str]] = {}
        for record, slots in trace.slots.items():
            for slot in slots:
                by_slot.setdefault(slot, []).append(record)
        by_event: dict[str, list[str]] = {}
        for record, sources in trace.sources.items():
            for event in sources:
                by_event.setdefault(event, []).append(record)
        near: dict[str, set[str]] = {}
        for src, rel, dst in trace.links:
            if rel == "rests_on":
                near.setdefault(src, set()).add(dst)
                near.setdefault(dst, set()).add(src)
        events, seen = set(events), set(touched)
        waiting = list(seen) + [record for event in events for record in by_event.get(event, ())]
        # A turn alone is made of its one event: nothing follows from it but what was found so far.
        while waiting:
            record = waiting.pop()
            seen.add(record)
            others = set(near.get(record, ())) | trace.derived.get(record, set())
            for slot in trace.slots.get(record, ()):
                others.update(by_slot[slot])
            fresh = trace.sources.get(record, set()) - events - self.events
            events |= fresh
            for event in fresh:
                others.update(by_event.get(event, ()))
            waiting += [other for other in others if other not in seen and other in trace.histories]
            seen |= others
        return events
