"""Planning: from a selection to all that goes and all that is laid down anew; nothing is written."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from mnemic.core.erasure import Selection
from mnemic.core.op import Op
from mnemic.core.record import Record
from mnemic.engine.erasing.cascade import Cascade
from mnemic.engine.erasing.leaks import leaking, of_ids, pieces_of, unsaid
from mnemic.engine.erasing.rewriting import left_of, redone
from mnemic.engine.erasing.trace import Trace
from mnemic.store.protocol import Change, Snapshot


@dataclass(slots=True)
class Plan:
    """What an erasure comes to, at one seq of the log."""

    seq: int
    trace: Trace
    cascade: Cascade
    #: What of the erased events' texts no event that stays holds.
    pieces: list[bytes] = field(default_factory=list)
    entries: dict[int, Op] = field(default_factory=dict)
    rules: list[str] = field(default_factory=list)
    redone: list[Change] = field(default_factory=list)
    again: list[str] = field(default_factory=list)

    @property
    def first(self) -> int:
        """The seq of the first erased event: what is older never held it."""
        return min((self.trace.events[i].seq for i in self.cascade.events), default=0)

    @property
    def records(self) -> dict[str, int]:
        """Records that go, with the seqs that made them."""
        return {i: self.trace.made_by(i) for i in sorted(self.cascade.records, key=self.trace.made_by)}

    @property
    def kinds(self) -> Counter[str]:
        """Records that go, by kind."""
        return Counter(self.trace.kinds.get(i, "") for i in self.cascade.records)

    def standing(self) -> dict[str, Record]:
        """Records that lose a part of their history, as they stand after it."""
        out: dict[str, Record] = {}
        for change in self.redone:
            out.update({new.id: new for _, new in change.records})
            out.update({record.id: record for record in change.touched})
        return out

    def settle(self, snapshot: Snapshot) -> None:
        """Work out what is left of entries and histories, now that it is known what goes."""
        self.entries, self.rules = left_of(self.cascade)
        self.redone, self.again = redone(self.cascade, snapshot, self.entries)


def plan(snapshot: Snapshot, selection: Selection) -> Plan:
    """All that goes with a selection, to the end of the chain."""
    trace = Trace.of(snapshot.raw_log(), selection)
    cascade = Cascade(trace)
    cascade.take(events=trace.chosen)
    out = Plan(snapshot.seq, trace, cascade)
    if trace.chosen:
        texts = [text for found in trace.chosen.values() for text in found]
        stays = (body for seq, _, kind, body in snapshot.raw_log() if kind == "RETAIN" and seq not in cascade.entries)
        out.pieces = unsaid(pieces_of(texts), stays)
        # What another event says is no piece of these, so that only what was made of events can leak.
        made = ((seq, body) for seq, _, kind, body in snapshot.raw_log() if kind != "RETAIN")
        cascade.take(entries=leaking(made, cascade.entries, out.pieces))
    out.settle(snapshot)
    return out


def traces_of(found: Plan) -> list[bytes]:
    """The bytes that must be nowhere after the erasure: words of the events, and ids that tell of them."""
    return [*found.pieces, *of_ids(found.cascade.events), *of_ids(found.cascade.records)]
