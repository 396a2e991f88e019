"""A trace of a bank's log: which entry names which events and records, so that what rests on what can be followed.

One pass over the log as it is kept; nothing else is needed, since all that a bank holds follows from its log.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from sys import intern
from typing import Any

from mnemic.core.erasure import Selection, texts_of
from mnemic.governance.secrets import PLACEHOLDER

_LISTS = ("formed", "reopened", "quarantined", "rejected")
_STATES = {"formed": 1, "reopened": 0, "quarantined": 2, "rejected": 3}
_DEPENDENTS = "dependents"
_NOTHING: Mapping[str, Any] = {}
#: Whose ops are a user's wishes.
_WISHES = ("user", "rollback")


@dataclass(slots=True)
class Happened:
    """An event in the log: where, in which session, and whether formation has used it (1), as the events table says."""

    seq: int
    batch: int
    session: str
    formed: int = 0


@dataclass(slots=True)
class Trace:
    """What a log says of events, records and edges; ids by seq and seqs by id.

    ``histories`` are the seqs of the ops that make a record what it is, ``naming`` those that rest on an event or
    record or speak of it beside the one that they change, ``owners`` the records that each changes, ``notes``
    the NOOPs.
    """

    events: dict[str, Happened] = field(default_factory=dict)
    chosen: dict[str, list[str]] = field(default_factory=dict)
    #: Placeholders of secrets that the chosen events hold.
    secrets: set[str] = field(default_factory=set)
    mentioned: int = 0
    histories: dict[str, list[int]] = field(default_factory=dict)
    sources: dict[str, set[str]] = field(default_factory=dict)
    derived: dict[str, set[str]] = field(default_factory=dict)
    naming: dict[str, list[int]] = field(default_factory=dict)
    owners: dict[int, tuple[str, ...]] = field(default_factory=dict)
    makers: dict[str, str] = field(default_factory=dict)
    wished: set[str] = field(default_factory=set)
    kinds: dict[str, str] = field(default_factory=dict)
    slots: dict[str, tuple[str, ...]] = field(default_factory=dict)
    edges: dict[int, tuple[str, str, str]] = field(default_factory=dict)
    links: dict[tuple[str, str, str], list[int]] = field(default_factory=dict)
    #: Counts of use that say for which question: by the receipt of its recall.
    asked: dict[str, list[int]] = field(default_factory=dict)
    notes: dict[int, dict[str, Any]] = field(default_factory=dict)
    batches: dict[int, int] = field(default_factory=dict)
    marking: dict[int, list[int]] = field(default_factory=dict)
    ran: list[int] = field(default_factory=list)

    @classmethod
    def of(cls, log: Iterable[tuple[int, int, str, str]], selection: Selection) -> Trace:
        """The trace of a log; ``chosen`` are the events of the selection with their texts."""
        out = cls()
        for seq, batch, kind, body in log:
            op = json.loads(body)
            if kind == "RETAIN":
                out._retained(seq, batch, op["event"], selection)
                if op["event"]["id"] in out.chosen:
                    out.secrets.update(match[0] for match in PLACEHOLDER.finditer(body))
            elif kind == "NOOP":
                out._noted(seq, batch, op)
            elif kind == "TOUCH":
                out.owners[seq] = (op["targets"][0],)
                if about := op.get("changes", _NOTHING).get("about"):
                    out.asked.setdefault(about.get("receipt", ""), []).append(seq)
                out.histories.setdefault(op["targets"][0], []).append(seq)
            elif kind in ("LINK", "UNLINK"):
                out._linked(seq, op)
            elif kind != "ERASE":
                out._changed(seq, batch, kind, op)
        return out

    def _retained(self, seq: int, batch: int, event: Mapping[str, Any], selection: Selection) -> None:
        self.events[event["id"]] = Happened(seq, batch, event["session"])
        if selection.takes(event):
            self.chosen[event["id"]] = texts_of(event)
        elif selection.person is not None and selection.named_in(event):
            self.mentioned += 1

    def _noted(self, seq: int, batch: int, op: dict[str, Any]) -> None:
        self.notes[seq] = op
        changes = op.get("changes", {})
        for name in _LISTS:
            for event_id in changes.get(name, ()):
                if event_id in self.events:
                    self.events[event_id].formed = _STATES[name]
        if "ran" in changes and op.get("actor") == "evolution":
            self.ran.append(batch)

    def _linked(self, seq: int, op: Mapping[str, Any]) -> None:
        edge = op["edge"]
        identity = (edge["src"], edge["rel"], edge["dst"])
        self.edges[seq] = identity
        self.links.setdefault(identity, []).append(seq)
        cited = (span[0] for span in (*edge.get("sources", ()), *op.get("evidence", ())))
        self._names(seq, (edge["src"], edge["dst"], *cited))

    def _names(self, seq: int, ids: Iterable[str | None]) -> None:
        for name in ids:
            if name:
                self.naming.setdefault(name, []).append(seq)

    def _changed(self, seq: int, batch: int, kind: str, op: Mapping[str, Any]) -> None:
        record = op.get("record") or {}
        targets = op.get("targets", ())
        own = tuple(dict.fromkeys((*targets, record["id"]))) if kind == "MERGE" else tuple(targets[:1])
        actor = op.get("actor", "")
        cited = {span[0] for spans in (record.get("sources", ()), op.get("evidence", ())) for span in spans}
        above = record.get("derived_from", ())
        by = (record.get("fields", _NOTHING).get("superseded_by"), op.get("changes", _NOTHING).get("by"))
        self._names(seq, {*cited, *above, *by, *((record["id"], *targets) if kind == "MERGE" else ())})
        self.owners[seq] = own
        if actor == _DEPENDENTS:
            self.marking.setdefault(batch, []).append(seq)
        self.batches[seq] = batch
        for record_id in own:
            history = self.histories.get(record_id)
            if history is None:
                self.histories[record_id] = [seq]
                self.makers[record_id] = intern(actor)
                self.kinds[record_id] = intern(record.get("kind", ""))
                continue
            if actor in _WISHES:
                self.wished.add(record_id)
            history.append(seq)
        if record:
            made = record["id"] if kind in ("ADD", "MERGE") else own[0]
            if made in self.sources:
                self.sources[made] |= cited
            else:
                self.sources[made] = cited
            rests = {*above, *(targets if kind == "MERGE" else ())} - {made}
            if rests:
                self.derived.setdefault(made, set()).update(rests)
            slots = tuple(tag[5:] for tag in record.get("tags", ()) if tag.startswith("slot:"))
            if slots:
                self.slots[made] = slots

    def made_by(self, record_id: str) -> int:
        """The seq of the entry that made a record."""
        return self.histories[record_id][0]
