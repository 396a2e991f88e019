"""One bank in memory: what filters and searches need, at one seq of its log."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from mnemic.core.reading import Where
from mnemic.core.times import to_micros
from mnemic.store.index.bm25f import Field, SessionOrder, Statistics, bm25f
from mnemic.store.index.column import Column
from mnemic.store.index.dense_index import best
from mnemic.store.index.key_index import EXACT_ROWS, KeyIndex
from mnemic.store.index.source import KeyRows, RecordRow, Source

_NEVER = np.iinfo(np.int64).min
_CODED = ("kind", "state", "session", "actor", "role", "tier", "epistemic")
_SECRET = "secret"
_ACTIVE = "active"
LEXICAL_CANDIDATES = 400
#: Narrowed indexes that are kept with an index.
MOST_WALLS = 16


@dataclass(slots=True)
class BankIndex:
    """An index of a bank at ``seq``. Places are ``n - 1``; words are coded by ``codes[field]``.

    Codes and ids are shared by successive indexes of a bank: they only ever grow.
    """

    seq: int
    ids: list[str]
    size: int
    place_of: dict[str, int]
    codes: dict[str, dict[str, int]]
    columns: dict[str, Column[np.int32]]
    event_from: Column[np.int64]
    event_to: Column[np.int64]
    keys: dict[str, KeyIndex]
    intervals: NDArray[np.int64]
    _current: NDArray[np.bool_] | None = field(default=None, repr=False)
    _orders: dict[str, SessionOrder] = field(default_factory=dict, repr=False)
    #: Places that may be seen at all; None when all may.
    admitted: NDArray[np.bool_] | None = None
    _narrowed: dict[Hashable, BankIndex] = field(default_factory=dict, repr=False)

    @classmethod
    def build(cls, source: Source) -> BankIndex:
        """The index of all that ``source`` shows."""
        empty = cls(
            seq=0,
            ids=[],
            size=0,
            place_of={},
            codes={name: {} for name in _CODED},
            columns={name: Column.of([], np.int32) for name in _CODED},
            event_from=Column.of([], np.int64),
            event_to=Column.of([], np.int64),
            keys={},
            intervals=np.empty((0, 3), np.int64),
        )
        return empty.refreshed(source)

    def refreshed(self, source: Source) -> BankIndex:
        """The index brought to the source's seq; this one stays as it is."""
        rows = list(source.record_rows(self.seq))
        new = BankIndex(
            source.seq, self.ids, self.size, self.place_of, self.codes, dict(self.columns),
            self.event_from, self.event_to, dict(self.keys), self.intervals,
        )  # fmt: skip
        changed = [row for row in rows if row.n <= self.size]
        added = [row for row in rows if row.n > self.size]
        new._take(changed, added)
        if changed:
            gone = np.isin(self.intervals[:, 0], [row.n - 1 for row in changed])
            new.intervals = self.intervals[~gone]
        if rows:
            found = source.interval_rows(None if not self.seq else [row.n for row in rows])
            new.intervals = np.concatenate([new.intervals, found - np.array([1, 0, 0])])
        new._take_keys(source, self.seq)
        return new

    def _take(self, changed: Sequence[RecordRow], added: Sequence[RecordRow]) -> None:
        # Field by field: of a large bank a loop over rows is most of what the first search waits for.
        fields = RecordRow._fields
        anew, more = (dict(zip(fields, zip(*rows, strict=True), strict=False)) for rows in (changed, added))
        places = [n - 1 for n in anew.get("n", ())]
        for name in _CODED:
            codes = self.codes[name]
            column = self.columns[name]
            if places:
                column = column.replace(places, _coded(anew[name], codes))
            self.columns[name] = column.append(_coded(more.get(name, ()), codes))
        for name in ("event_from", "event_to"):
            column64: Column[np.int64] = getattr(self, name)
            if places:
                column64 = column64.replace(places, _micros(anew[name]))
            setattr(self, name, column64.append(_micros(more.get(name, ()))))
        ids = more.get("id", ())
        # Another index of the bank may have added some of them already.
        self.ids.extend(ids[max(0, len(self.ids) - self.size) :])
        self.place_of.update(zip(ids, range(self.size, self.size + len(ids)), strict=True))
        self.size += len(ids)

    def _take_keys(self, source: Source, after: int) -> None:
        opened, none = source.key_rows(after), KeyRows.of([])
        closed: dict[str, set[tuple[int, int]]] = {}
        if after:
            for n, name, unit in source.closed_keys(after):
                closed.setdefault(name, set()).add((n, unit))
        for name in opened.keys() | closed.keys():
            if name in self.keys:
                self.keys[name] = self.keys[name].refreshed(opened.get(name, none), closed.get(name, set()), source)
            else:
                self.keys[name] = KeyIndex.build(name, opened.get(name, none))

    def narrowed(self, wall: Hashable, admits: Callable[[], NDArray[np.bool_]]) -> BankIndex:
        """The index of what a wall admits: no search, count or statistic of it knows of anything else.

        ``admits`` makes the places; what a ``wall`` admits of one index is worked out once.
        """
        known = self._narrowed.get(wall)
        if known is None:
            known = replace(self, admitted=admits(), _current=None, _orders={}, _narrowed={})
            if len(self._narrowed) >= MOST_WALLS:
                self._narrowed.pop(next(iter(self._narrowed)), None)
            self._narrowed[wall] = known
        return known

    @property
    def nbytes(self) -> int:
        """Bytes held, about."""
        held = 220 * self.size + sum(key.nbytes for key in self.keys.values()) + self.intervals.nbytes
        return held + sum(index._own_bytes for index in (self, *list(self._narrowed.values())))

    @property
    def _own_bytes(self) -> int:
        # What a narrowed index does not share with the one it was narrowed from.
        masks = [mask.nbytes for mask in (self.admitted, self._current) if mask is not None]
        return sum(masks) + sum(order.nbytes for order in list(self._orders.values()))

    def mask(self, where: Where, tagged: Iterable[Sequence[int]] = ()) -> NDArray[np.bool_]:
        """Which places a filter lets through; ``tagged`` are sets of record numbers that must hold too."""
        tagged = list(tagged)
        plain = where == Where()
        if plain and self._current is not None:
            return self._current
        out = np.ones(self.size, np.bool_) if self.admitted is None else self.admitted.copy()
        for name, wanted in (
            ("state", where.states), ("kind", where.kinds), ("session", where.sessions), ("actor", where.actors),
            ("role", where.roles), ("tier", where.tiers), ("epistemic", where.epistemic),
        ):  # fmt: skip
            if wanted is not None:
                codes = [self.codes[name][word] for word in wanted if word in self.codes[name]]
                out &= np.isin(self.columns[name].values, codes)
        if not where.secrets and _SECRET in self.codes["kind"]:
            out &= self.columns["kind"].values != self.codes["kind"][_SECRET]
        if where.during is not None:
            low, high = to_micros(where.during.start), to_micros(where.during.end)
            out &= _meets(self.event_from.values, self.event_to.values, low, high)
        for numbers in tagged:
            chosen = np.zeros(self.size, np.bool_)
            chosen[np.asarray(numbers, np.int64) - 1] = True
            out &= chosen
        if plain:
            self._current = out
        return out

    def lexical_scores(
        self,
        query: Sequence[str],
        k: int,
        source: Source,
        *,
        key: str,
        also: Sequence[str] = (),
        window: int = 0,
        b: float = 0.75,
    ) -> NDArray[np.float32]:
        """Every place's score by BM25F (see :func:`mnemic.store.index.bm25f.bm25f`), 0 where nothing matches.

        Up to EXACT_ROWS rows every posting is scored; above, the rows that the store's full text index likes
        best, and their neighbours, are scored with the same formula and the bank's kept statistics.
        """
        if key not in self.keys or not query:
            return np.zeros(self.size, np.float32)
        main = self.keys[key]
        others = [self.keys[name] for name in also if name in self.keys]
        active = self.columns["state"].values == self.codes["state"].get(_ACTIVE, -1)
        if self.admitted is not None:
            active &= self.admitted
        # The store's own candidates and statistics are those of the whole bank.
        if main.places.size <= EXACT_ROWS or self.admitted is not None:
            field = main.field(source, active)
            statistics = Statistics.of(field, query)
            fields = [other.field(source, active) for other in others]
            order = self._order(key, field) if window else None
        else:
            field, statistics, fields, order = self._candidates(query, k, source, main, others, window, active)
        return bm25f(query, field, fields, self.size, statistics, window=window, b=b, order=order)

    @staticmethod
    def best_of(scores: NDArray[np.float32], k: int, mask: NDArray[np.bool_]) -> list[tuple[int, float]]:
        """The ``k`` best places in ``mask`` that score at all, with their scores."""
        places = np.flatnonzero((scores > 0) & mask)
        chosen = places[best(scores[places], k)]
        return list(zip(chosen.tolist(), scores[chosen].tolist(), strict=True))

    def _order(self, key: str, field: Field) -> SessionOrder:
        known = self._orders.get(key)
        if known is None:
            known = SessionOrder.of(field, self.columns["session"].values, self.event_from.values)
            self._orders[key] = known
        return known

    def _candidates(
        self,
        query: Sequence[str],
        k: int,
        source: Source,
        main: KeyIndex,
        others: Sequence[KeyIndex],
        window: int,
        active: NDArray[np.bool_],
    ) -> tuple[Field, Statistics, list[Field], SessionOrder | None]:
        units = source.lexical_candidates(main.name, query, max(LEXICAL_CANDIDATES, 4 * k))
        rows = main.rows_of_units(units)
        order = None
        if window:
            whole = self._order(main.name, main.frame(active))
            here = whole.position[rows]
            near = (here[here >= 0][:, None] + np.arange(-2 * window, 2 * window + 1)).ravel()
            near = near[(near >= 0) & (near < len(whole.documents))]
            rows = np.union1d(rows, whole.documents[near])
            order = whole.part(rows)
        field = main.part(rows, source, active)
        df, docs, total = source.term_stats(main.name, query)
        statistics = Statistics(docs, total / docs if docs else 1.0, df)
        places = field.places.astype(np.int64)
        return field, statistics, [o.part(o.rows_of_places(places), source, active) for o in others], order

    def overlapping(self, low: int, high: int, mask: NDArray[np.bool_]) -> list[tuple[int, float]]:
        """Places whose intervals overlap ``[low, high)``, by the share of the shorter one that is common."""
        if not len(self.intervals):
            return []
        starts, ends = self.intervals[:, 1], self.intervals[:, 2]
        meets = _meets(starts, ends, low, high) & mask[self.intervals[:, 0]]
        share: dict[int, float] = {}
        for place, start, end in self.intervals[meets].tolist():
            common = min(end, high) - max(start, low)
            shorter = max(1, min(end - start, high - low))
            share[place] = max(share.get(place, 0.0), min(1.0, max(common, 1) / shorter))
        return sorted(share.items(), key=lambda item: (-item[1], item[0]))


def _meets(starts: NDArray[np.int64], ends: NDArray[np.int64], low: int, high: int) -> NDArray[np.bool_]:
    # Half-open stretches; one without length counts as its start. What has no time ends before any.
    return (starts < max(high, low + 1)) & (np.where(ends > starts, ends, starts + 1) > low)


def _micros(instants: Sequence[int | None]) -> list[int]:
    return [_NEVER if instant is None else instant for instant in instants]


def _coded(words: Sequence[str], codes: dict[str, int]) -> NDArray[np.int32]:
    for word in dict.fromkeys(words):
        codes.setdefault(word, len(codes))
    return np.fromiter(map(codes.__getitem__, words), np.int32, len(words))
