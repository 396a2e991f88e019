"""The view that stages get: a store's snapshot, narrowed to a scope, that notes what it has shown."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from mnemic.core.analysis import terms
from mnemic.core.errors import BadInput, EmbedderMismatch
from mnemic.core.evidence import Event
from mnemic.core.experience import Judged
from mnemic.core.matching import matches
from mnemic.core.reading import Hit, Where
from mnemic.core.record import Edge, Record
from mnemic.core.times import Interval, to_micros
from mnemic.engine.quarantining import shown
from mnemic.engine.tools import EngineTools
from mnemic.store.index.bank_index import LEXICAL_CANDIDATES
from mnemic.store.index.bm25f import idf
from mnemic.store.protocol import Snapshot

if TYPE_CHECKING:
    from mnemic.core.view import Vector

#: Filters whose places are kept for the length of a read.
_MOST_MASKS = 16
_COLUMN_FIELDS = ("actor", "role", "session", "kind", "tier")


@dataclass(slots=True)
class StoreView:
    """See :class:`mnemic.core.view.View`. ``pending`` are events of this very write, not yet in the store."""

    snapshot: Snapshot
    tools: EngineTools
    now: datetime
    pending: Sequence[Event] = ()
    fingerprint: str = ""
    shown: set[str] = field(default_factory=set)
    notes: list[str] = field(default_factory=list)
    _records: dict[str, Record | None] = field(default_factory=dict, repr=False)
    # One read asks the same search for its best and then for records that another channel found.
    _scores: dict[tuple[object, ...], NDArray[np.float32]] = field(default_factory=dict, repr=False)
    _cosines: dict[tuple[str, bytes], NDArray[np.float32] | None] = field(default_factory=dict, repr=False)
    # Stages of one read filter by the same places again and again.
    _masks: dict[Where, NDArray[np.bool_]] = field(default_factory=dict, repr=False)
    _marks: dict[tuple[str, tuple[str, ...]], Mapping[str, list[int]]] = field(default_factory=dict, repr=False)
    _neighbours: dict[str, NDArray[Any]] = field(default_factory=dict, repr=False)

    @property
    def bank(self) -> str:
        """The bank's name."""
        return self.snapshot.row.name

    def dense(self, query: str | Vector, *, key: str, k: int, where: Where) -> list[Hit]:
        """See View."""
        index = self.snapshot.index()
        if key not in index.keys or k <= 0:
            return []
        vector = self.tools.embed_query(query) if isinstance(query, str) else query
        self._check_space()
        keys = index.keys[key]
        asked = (key, vector.tobytes())
        if asked not in self._cosines:
            exact = self.snapshot.admits_matrix(keys, len(vector))
            self._cosines[asked] = keys.cosines(vector, self.snapshot, exact=exact)
        found = keys.search_dense(vector, k, self._mask(where), self.snapshot, self._cosines[asked])
        return self._hits(found, "dense", "cosine")

    def _check_space(self) -> None:
        if self.fingerprint and self.tools.models.load_embedder().spec.fingerprint != self.fingerprint:
            spec = self.tools.models.load_embedder().spec
            raise EmbedderMismatch(
                f"embedder: bank {self.bank!r} holds vectors of another embedder than {spec.name!r}; "
                "configure the former one, or run 'mnemic reembed' to move the bank to this one"
            )

    def lexical(
        self,
        query: str,
        *,
        key: str,
        k: int,
        where: Where,
        also: Sequence[str] = (),
        window: int = 0,
        b: float = 0.75,
    ) -> list[Hit]:
        """See View."""
        if k <= 0:
            return []
        index = self.snapshot.index()
        wanted = tuple(dict.fromkeys(terms(query)))
        # More hits wanted mean more candidates, where not every row is scored.
        asked = (wanted, key, tuple(also), window, b, max(k, LEXICAL_CANDIDATES // 4))
        if asked not in self._scores:
            self._scores[asked] = index.lexical_scores(wanted, k, self.snapshot, key=key, also=also, window=window, b=b)
        return self._hits(index.best_of(self._scores[asked], k, self._mask(where)), "lexical", "bm25")

    def tagged(self, field: str, values: Sequence[str], *, k: int, where: Where) -> list[Hit]:
        """See View."""
        mask = self._mask(where)
        scores: dict[int, float] = {}
        current = self._mask(Where())
        total = int(current.sum())
        for numbers in self._marked(field, tuple(dict.fromkeys(values))).values():
            weight = idf(total, int(current[np.asarray(numbers) - 1].sum()))
            for number in numbers:
                if mask[number - 1]:
                    scores[number - 1] = scores.get(number - 1, 0.0) + weight
        found = sorted(scores.items(), key=lambda item: (-item[1], item[0]))[:k]
        return self._hits(found, field, "idf")

    def during(self, interval: Interval, *, k: int, where: Where) -> list[Hit]:
        """See View."""
        found = self.snapshot.index().overlapping(to_micros(interval.start), to_micros(interval.end), self._mask(where))
        return self._hits(found[:k], "time", "overlap")

    def _mask(self, where: Where) -> NDArray[np.bool_]:
        known = self._masks.get(where)
        if known is None:
            known = self._made_mask(where)
            if len(self._masks) < _MOST_MASKS:
                self._masks[where] = known
        return known

    def _made_mask(self, where: Where) -> NDArray[np.bool_]:
        tagged = []
        for name, wanted in (("entity", where.entities), ("tag", where.tags), ("label", where.labels)):
            if wanted is not None:
                found = self._marked(name, tuple(wanted))
                tagged.append(sorted({number for numbers in found.values() for number in numbers}))
        index = self.snapshot.index()
        if where.ids is not None:
            tagged.append([index.place_of[i] + 1 for i in where.ids if index.place_of.get(i, index.size) < index.size])
        return index.mask(where, tagged)

    def _marked(self, name: str, words: tuple[str, ...]) -> Mapping[str, list[int]]:
        asked = (name, words)
        if asked not in self._marks:
            self._marks[asked] = self.snapshot.marked(name, words)
        return self._marks[asked]

    def _hits(self, found: Iterable[tuple[int, float]], channel: str, part: str) -> list[Hit]:
        ids = self.snapshot.index().ids
        hits = [Hit(ids[place], score, channel, {part: score}) for place, score in found]
        self.shown.update(hit.id for hit in hits)
        return hits

    def get(self, ids: Iterable[str]) -> dict[str, Record]:
        """See View."""
        wanted = list(dict.fromkeys(ids))
        if missing := [record_id for record_id in wanted if record_id not in self._records]:
            found = self.snapshot.records(missing)
            self._records.update({i: r if r.state != "erased" else None for i, r in found.items()})
        out = {i: record for i in wanted if (record := self._records.get(i)) is not None}
        self.shown.update(out)
        return out

    def scan(
        self, where: Where, *, limit: int | None = None, newest_first: bool = False, skip: int = 0
    ) -> list[Record]:
        """See View; ``skip`` leaves out the first so many."""
        index = self.snapshot.index()
        places = np.flatnonzero(self._mask(where))
        order = np.lexsort((places, index.event_from.values[places]))
        chosen = places[order[::-1] if newest_first else order][skip:][:limit]
        return list(self.get([index.ids[place] for place in chosen.tolist()]).values())

    def added(self, since: int, where: Where) -> list[Record]:
        """See View."""
        made = [e.op.record.id for e in self.snapshot.log(since, None) if e.op.record is not None]
        found = [r for r in self.snapshot.records(made).values() if matches(r, where)]
        self.shown.update(record.id for record in found)
        return found

    def retained(self, since: int) -> list[Event]:
        """See View."""
        return shown(list(self.snapshot.log(since, None)), self.snapshot)

    def judged(self, since: int) -> list[Judged]:
        """See View."""
        rewards: dict[tuple[str, str], dict[str, float]] = {}
        for entry in self.snapshot.log(since, None):
            about = entry.op.changes.get("about") if entry.op.kind == "TOUCH" else None
            if about and about.get("question"):
                of_one = rewards.setdefault((about["receipt"], about["question"]), {})
                of_one[entry.op.targets[0]] = float(about["reward"])
        return [Judged(receipt, question, given) for (receipt, question), given in rewards.items()]

    def count(self, where: Where) -> int:
        """See View."""
        return int(self._mask(where).sum())

    def edges(self, ids: Sequence[str], *, rels: Sequence[str] | None = None, direction: str = "out") -> list[Edge]:
        """See View."""
        if direction not in ("out", "in", "both"):
            raise BadInput(f"direction: {direction!r}; use out, in or both")
        found = self.snapshot.edges(ids, rels, direction)
        self.shown.update(end for edge in found for end in (edge.src, edge.dst))
        return found

    def neighbours(self, ids: Sequence[str], *, before: int = 1, after: int = 1) -> dict[str, list[str]]:
        """See View."""
        index = self.snapshot.index()
        if "order" not in self._neighbours:
            current = np.flatnonzero(self._mask(Where(epistemic=("evidence",))))
            sessions = index.columns["session"].values[current]
            order = np.lexsort((current, index.event_from.values[current], sessions))
            position = np.full(index.size, -1, np.int64)
            position[current[order]] = np.arange(len(current))
            self._neighbours = {"order": current[order], "position": position, "session": sessions[order]}
        order, position, session = (self._neighbours[name] for name in ("order", "position", "session"))
        out: dict[str, list[str]] = {}
        for record_id in ids:
            place = index.place_of.get(record_id)
            here = int(position[place]) if place is not None and place < index.size else -1
            if here < 0:
                out[record_id] = []
                continue
            low, high = max(0, here - before), min(len(order), here + after + 1)
            near = [p for p in range(low, high) if p != here and session[p] == session[here]]
            out[record_id] = [index.ids[int(order[p])] for p in near]
            self.shown.update(out[record_id])
        return out

    def events(self, ids: Sequence[str]) -> dict[str, Event]:
        """See View."""
        pending = {event.id: event for event in self.pending if event.id in set(ids)}
        return {**self.snapshot.events([i for i in ids if i not in pending]), **pending}

    def session_events(self, session: str, *, before: int | None = None, last: int | None = None) -> list[Event]:
        """See View."""
        waiting = [e for e in self.pending if e.session == session and (before is None or e.seq < before)]
        known = {event.id for event in waiting}
        stored = self.snapshot.session_events(session, before=before, last=last)
        events = [*(event for event in stored if event.id not in known), *waiting]
        return events if last is None else events[max(0, len(events) - last) :]

    def vectors(self, ids: Sequence[str], *, key: str) -> dict[str, Vector]:
        """See View."""
        index = self.snapshot.index()
        keys = index.keys.get(key)
        places = [index.place_of[i] for i in ids if i in index.place_of]
        if keys is None or not places:
            return {}
        rows = keys.rows_of_places(np.asarray(places, np.int64))
        units = keys.units.values[rows].tolist()
        blobs = self.snapshot.vectors(units)
        return {
            index.ids[place]: np.frombuffer(blobs[unit], np.float32)
            for place, unit in zip(keys.places.values[rows].tolist(), units, strict=True)
            if unit in blobs
        }

    def tally(self, where: Where, fields: Sequence[str]) -> tuple[int, dict[str, dict[str, int]]]:
        """How many records pass a filter, and how many by each word of each field, the most common first."""
        index, mask = self.snapshot.index(), self._mask(where)
        by = {}
        for field_name in fields:
            codes = list(index.codes[field_name].items())
            counts = np.bincount(index.columns[field_name].values[mask], minlength=len(codes))
            words = [(word, int(counts[code])) for word, code in codes if counts[code]]
            by[field_name] = dict(sorted(words, key=lambda item: (-item[1], item[0])))
        return int(mask.sum()), by

    def spread(self, where: Where, bins: int) -> tuple[int, int, list[int]]:
        """First and last event time of the records that pass, in microseconds, and how many begin in each part."""
        starts = self.snapshot.index().event_from.values[self._mask(where)]
        starts = starts[starts > np.iinfo(np.int64).min]
        if not len(starts):
            return 0, 0, []
        low, high = int(starts.min()), int(starts.max())
        places = (starts - low) * bins // (high - low + 1) if high - low < 1 << 56 else np.zeros(len(starts), np.int64)
        return low, high, np.bincount(places, minlength=bins).tolist()

    def together(self, field: str, words: Sequence[str]) -> dict[tuple[str, str], int]:
        """How many current records carry both of two words of ``field``, for all pairs of which any does."""
        current = self._mask(Where())
        carried = np.zeros((len(words), len(current)), np.bool_)
        marked = self.snapshot.marked(field, words)
        for row, word in enumerate(words):
            carried[row, np.asarray(marked.get(word.casefold(), ()), np.int64) - 1] = True
        carried &= current
        # Only what carries several words at all can carry a pair.
        # In whole numbers numpy multiplies without the processor's help; up to 2^24 these are whole, too.
        several = carried[:, carried.sum(axis=0) > 1].astype(np.float32)
        both = several @ several.T
        return {(words[a], words[b]): int(both[a, b]) for a, b in zip(*np.nonzero(np.triu(both, 1)), strict=True)}

    def facts(self, field: str) -> Mapping[str, int]:
        """See View."""
        if field not in _COLUMN_FIELDS:
            return self.snapshot.mark_counts(field)
        index = self.snapshot.index()
        # A copy: codes are shared with the bank's later indexes, which other threads add to.
        codes = list(index.codes[field].items())
        counts = np.bincount(index.columns[field].values[self._mask(Where())], minlength=len(codes))
        return {word: int(counts[code]) for word, code in codes if counts[code]}
