"""A snapshot behind a wall: what a scope keeps out is in no search, count, statistic, page, log or history of it.

    admitted(record)  ⇔  scope.permits(its labels now ∪ then), it is no secret or secrets are open, and where only a
                         shorter view of it may be shown, it has that view
    admitted(event)   ⇔  its labels, and those that somebody gave to a record of it, let it through as it was said

All that reads goes through a snapshot, so that a wall stands in one place: a stage or verb that knows of no scope
keeps to it all the same.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import partial
from typing import cast

import numpy as np
from numpy.typing import NDArray

from mnemic.core.evidence import Event
from mnemic.core.norms import ALLOW, WITHHOLD
from mnemic.core.op import LogEntry
from mnemic.core.reading import Where
from mnemic.core.record import Edge, Record
from mnemic.core.scope import Scope
from mnemic.engine.store_view import StoreView
from mnemic.store.index.bank_index import BankIndex
from mnemic.store.index.key_index import KeyIndex
from mnemic.store.protocol import BankRow, Snapshot, Version

#: Field of a record: labels that somebody gave it by hand, which reach the events it rests on.
LABELLED = "labelled"
_PAGE = 500


def scoped(snapshot: Snapshot, scope: Scope) -> Snapshot:
    """The snapshot as far as a scope lets see; itself where that is everything."""
    if scope.secrets and not scope.narrow:
        return snapshot
    # What a wall cannot keep to (raw rows, fingerprints) it does not have: to ask for it fails instead of leaking.
    return cast("Snapshot", ScopedSnapshot(snapshot, scope))


@dataclass(slots=True)
class ScopedSnapshot:
    """See :class:`mnemic.store.protocol.Snapshot`; what is no matter of readers is not there."""

    inner: Snapshot
    scope: Scope
    _hand_labels: dict[str, dict[str, set[str]]] = field(default_factory=dict, repr=False)
    _labels: dict[int, set[str]] | None = field(default=None, repr=False)

    @property
    def row(self) -> BankRow:
        """The bank's row."""
        return self.inner.row

    @property
    def seq(self) -> int:
        """The log's last seq that is visible."""
        return self.inner.seq

    # What an index reads of rows that its mask has let through.

    def counts(self, units: Sequence[int] | None, name: str) -> dict[int, tuple[bytes, int]]:
        """See Source."""
        return self.inner.counts(units, name)

    def sketches(self, units: Sequence[int] | None) -> dict[int, bytes]:
        """See Source."""
        return self.inner.sketches(units)

    def vectors(self, units: Sequence[int] | None) -> dict[int, bytes]:
        """See Source."""
        return self.inner.vectors(units)

    def nearest_units(
        self, query: NDArray[np.float32], k: int, among: NDArray[np.int64], of: int, *, walled: bool = False
    ) -> NDArray[np.int64] | None:
        """See Source; nothing behind the wall has a part in what is chosen."""
        return self.inner.nearest_units(query, k, among, of, walled=walled or self.scope.narrow)

    def dim(self) -> int:
        """See Source."""
        return self.inner.dim()

    def admits_matrix(self, key: KeyIndex, dim: int) -> bool:
        """See Snapshot."""
        return self.inner.admits_matrix(key, dim)

    # Records.

    def index(self) -> BankIndex:
        """The bank's index, of what is admitted alone."""
        whole = self.inner.index()
        return whole.narrowed(self.scope, lambda: self._admits(whole))

    def _labels_of(self, whole: BankIndex) -> dict[int, set[str]]:
        if self._labels is None:
            self._labels = {}
            for word, numbers in self.inner.labelled().items():
                for number in numbers:
                    if number <= whole.size:
                        self._labels.setdefault(number - 1, set()).add(word)
        return self._labels

    def _admits(self, whole: BankIndex) -> NDArray[np.bool_]:
        out = np.ones(whole.size, np.bool_)
        if not self.scope.secrets and "secret" in whole.codes["kind"]:
            out &= whole.columns["kind"].values != whole.codes["kind"]["secret"]
        if not self.scope.narrow:
            return out
        labels = self._labels_of(whole)
        bare = np.ones(whole.size, np.bool_)
        bare[list(labels)] = False
        if not self.scope.permits(()):
            out[bare] = False
        shortened = [] if self.scope.flow(()) in (ALLOW, WITHHOLD) else np.flatnonzero(bare & out).tolist()
        for place, carried in labels.items():
            if not self.scope.permits(carried):
                out[place] = False
            elif self.scope.flow(carried) != ALLOW:
                shortened.append(place)
        if shortened:
            found = self.inner.records([whole.ids[place] for place in shortened])
            for place in shortened:
                record = found.get(whole.ids[place])
                flow = self.scope.flow(labels.get(place, ()))
                out[place] &= record is not None and bool(record.views.get(flow, "").strip())
        return out

    @property
    def withheld(self) -> int:
        """How many current records policies keep back from this request that no wall keeps back anyway.

        Only what the asker could be shown for somebody else or something else is counted: of what is closed to him
        whatever he says, he is not told that it is there.
        """
        countable = self.scope.countable
        if not self.scope.norms or countable is None:
            return 0
        whole, wall = self.inner.index(), replace(self.scope, norms=(), countable=None)
        open_ = [whole.narrowed(one, partial(_only, self, one)).mask(Where()) for one in (wall, countable)]
        return int((open_[0] & open_[1] & ~self.index().mask(Where())).sum())

    def _is_open(self, record_id: str) -> bool:
        index = self.index()
        place = index.place_of.get(record_id)
        if place is None or place >= index.size:
            return False
        return index.admitted is None or bool(index.admitted[place])

    def _shown(self, record: Record) -> Record | None:
        """A record as it may be shown; None where it may not."""
        if not self._is_open(record.id) or not self.scope.permits(record.labels):
            return None
        if not self.scope.norms:
            return record
        carried = {*record.labels, *self._labels_of(self.inner.index()).get(self.index().place_of[record.id], ())}
        flow = self.scope.flow(carried)
        if flow == ALLOW:
            return record
        text = record.views.get(flow, "")
        if flow == WITHHOLD or not text.strip():
            return None
        return record.with_(value=text, views={flow: text}, keys={}, fields={}, entities=(), tags=())

    def records(self, ids: Iterable[str]) -> dict[str, Record]:
        """See Snapshot."""
        found = self.inner.records([record_id for record_id in ids if self._is_open(record_id)])
        return {i: shown for i, record in found.items() if (shown := self._shown(record)) is not None}

    def versions(self, record_id: str) -> list[Version]:
        """See Snapshot."""
        if not self._is_open(record_id):
            return []
        shown = ((version, self._shown(version.record)) for version in self.inner.versions(record_id))
        return [replace(version, record=record) for version, record in shown if record is not None]

    def edges(self, ids: Sequence[str], rels: Sequence[str] | None, direction: str) -> list[Edge]:
        """Edges between records that are admitted; what an edge says beside its relation may be of any matter."""
        found = self.inner.edges(ids, rels, direction)
        both = [edge for edge in found if self._is_open(edge.src) and self._is_open(edge.dst)]
        return [replace(edge, note="", sources=()) for edge in both] if self.scope.narrow else both

    def marked(self, field: str, values: Sequence[str]) -> dict[str, list[int]]:
        """See Snapshot."""
        found = self._admitted(self.inner.marked(field, values))
        if field == "label" or not self.scope.norms:
            return found
        # Entities and tags of a record are words of what it says in full.
        labels = self._labels_of(self.inner.index())
        whole = {w: [n for n in ns if self.scope.flow(labels.get(n - 1, ())) == ALLOW] for w, ns in found.items()}
        return {word: numbers for word, numbers in whole.items() if numbers}

    def labelled(self) -> dict[str, list[int]]:
        """See Snapshot."""
        return self._admitted(self.inner.labelled())

    def mark_counts(self, field: str) -> dict[str, int]:
        """See Snapshot."""
        words = self.marked(field, list(self.inner.mark_counts(field)))
        current = self.index().mask(Where())
        counts = {word: int(current[np.asarray(numbers, np.int64) - 1].sum()) for word, numbers in words.items()}
        return {word: count for word, count in counts.items() if count}

    def _admitted(self, found: dict[str, list[int]]) -> dict[str, list[int]]:
        index = self.index()
        ok = index.admitted
        kept = {w: [n for n in ns if n <= index.size and (ok is None or ok[n - 1])] for w, ns in found.items()}
        return {word: numbers for word, numbers in kept.items() if numbers}

    # Events.

    def _says(self, event: Event) -> bool:
        """Whether an event may be shown as it was said."""
        if not self.scope.narrow:
            return True
        labels = {*event.labels, *self._given_by_hand(event.session).get(event.id, ())}
        return self.scope.permits(labels) and self.scope.flow(labels) == ALLOW

    def _given_by_hand(self, session: str) -> dict[str, set[str]]:
        """Labels that somebody gave to records of a session, by the events these rest on."""
        if session not in self._hand_labels:
            whole = self.inner.index()
            code = whole.codes["session"].get(session)
            places = [] if code is None else np.flatnonzero(whole.columns["session"].values == code).tolist()
            labels = self._labels_of(whole)
            out: dict[str, set[str]] = {}
            for record in self.inner.records([whole.ids[place] for place in places if place in labels]).values():
                for span in record.sources if record.fields.get(LABELLED) else ():
                    out.setdefault(span.source, set()).update(record.fields[LABELLED])
            self._hand_labels[session] = out
        return self._hand_labels[session]

    def events(self, ids: Sequence[str]) -> dict[str, Event]:
        """See Snapshot."""
        return {i: event for i, event in self.inner.events(ids).items() if self._says(event)}

    def session_events(self, session: str, *, before: int | None, last: int | None) -> list[Event]:
        """See Snapshot."""
        if not self.scope.narrow:
            return self.inner.session_events(session, before=before, last=last)
        said = [e for e in self.inner.session_events(session, before=before, last=None) if self._says(e)]
        return said if last is None else said[max(0, len(said) - last) :]

    def event_page(self, session: str | None, after: int, limit: int) -> list[Event]:
        """See Snapshot."""
        out: list[Event] = []
        while len(out) < limit:
            page = self.inner.event_page(session, after, max(limit, _PAGE) if self.scope.narrow else limit)
            out += [event for event in page if self._says(event)]
            if not page or not self.scope.narrow:
                break
            after = page[-1].seq
        return out[:limit]

    def sessions(self) -> list[tuple[str, int]]:
        """See Snapshot."""
        if not self.scope.narrow:
            return self.inner.sessions()
        counts: dict[str, int] = {}
        for event in self.event_page(None, 0, self.inner.seq + 1):
            counts[event.session] = counts.get(event.session, 0) + 1
        return list(counts.items())

    def unformed(self, session: str | None) -> list[Event]:
        """See Snapshot."""
        return [event for event in self.inner.unformed(session) if self._says(event)]

    def kept_back(self) -> list[Event]:
        """See Snapshot."""
        return [event for event in self.inner.kept_back() if self._says(event)]

    # The log.

    def log(self, after: int, until: int | None) -> Iterator[LogEntry]:
        """Entries about what is admitted; why something was done may tell of something else, and is left out."""
        for entry in self.inner.log(after, until):
            shown = self._entry(entry)
            if shown is not None:
                yield shown

    def _entry(self, entry: LogEntry) -> LogEntry | None:
        op = entry.op
        if op.event is not None:
            return entry if self._says(op.event) else None
        if not self.scope.narrow and op.kind == "NOOP":
            return entry
        named = {*op.targets, *((op.record.id,) if op.record else ())}
        if not named or not all(map(self._is_open, named)):
            return None
        record = self._shown(op.record) if op.record is not None else None
        if op.record is not None and record is None:
            return None
        if not self.scope.narrow:
            return entry
        edge = replace(op.edge, note="", sources=()) if op.edge is not None else None
        return replace(entry, op=replace(op, record=record, edge=edge, changes={}, reason="", evidence=()))

    def log_at(self, when: datetime) -> int:
        """See Snapshot."""
        return self.inner.log_at(when)

    def counters(self) -> dict[str, int]:
        """How much there is to see."""
        if not self.scope.narrow:
            return self.inner.counters()
        return {"records": int(self.index().mask(Where(states=_ANY)).sum())}


_ANY = ("proposed", "active", "superseded", "archived", "quarantined")


def behind_wall(view: StoreView, scope: Scope) -> StoreView:
    """A view that shows what a scope lets see, and notes in the given one what it has shown."""
    snapshot = scoped(view.snapshot, scope)
    if snapshot is view.snapshot:
        return view
    return StoreView(snapshot, view.tools, view.now, fingerprint=view.fingerprint, shown=view.shown, notes=view.notes)


def _only(snapshot: ScopedSnapshot, scope: Scope) -> NDArray[np.bool_]:
    return ScopedSnapshot(snapshot.inner, scope)._admits(snapshot.inner.index())
