"""One named key of one bank: its postings, and the search for nearest vectors in two tiers.

Where the exact vectors may not be held in memory, sketches choose candidates that are rescored exactly.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mnemic.store.index.bm25f import Field
from mnemic.store.index.column import Column
from mnemic.store.index.dense_index import SketchIndex, best, candidates, rescore
from mnemic.store.index.lexical_index import LexicalIndex
from mnemic.store.index.source import KeyRows, Source

EXACT_ROWS = 50_000

Found = list[tuple[int, float]]


@dataclass(slots=True)
class KeyIndex:
    """Rows of one key: row -> record place (n - 1) and unit. Lexical, sketches and matrix load when asked for.

    ``open`` is False for rows whose text is no longer the record's.
    """

    name: str
    places: Column[np.int32]
    units: Column[np.int64]
    open: NDArray[np.bool_]
    lexical_rows: Column[np.bool_]
    dense_rows: Column[np.bool_]
    lexical: LexicalIndex | None = None
    sketches: SketchIndex | None = None
    matrix: Column[np.float32] | None = None
    touches: int = 0

    @classmethod
    def build(cls, name: str, rows: KeyRows) -> KeyIndex:
        """An index of key rows, in their order."""
        return cls(
            name,
            Column.of(rows.ns - 1, np.int32),
            Column.of(rows.units, np.int64),
            np.ones(len(rows.ns), np.bool_),
            Column.of(rows.lexical, np.bool_),
            Column.of(rows.dense, np.bool_),
        )

    def refreshed(self, rows: KeyRows, closed: set[tuple[int, int]], source: Source) -> KeyIndex:
        """The index with rows added, and rows ``(n, unit)`` closed; what was loaded is extended."""
        new = KeyIndex(
            self.name,
            self.places.append(rows.ns - 1),
            self.units.append(rows.units),
            np.append(self.open, np.ones(len(rows.ns), np.bool_)),
            self.lexical_rows.append(rows.lexical),
            self.dense_rows.append(rows.dense),
            self.lexical,
            self.sketches,
            self.matrix,
            self.touches,
        )
        if closed:
            near = np.flatnonzero(np.isin(self.places.values, [n - 1 for n, _ in closed]))
            gone = [
                row
                for row in near.tolist()
                if (int(self.places.values[row]) + 1, int(self.units.values[row])) in closed
            ]
            new.open[gone] = False
        units = rows.units.tolist()
        if units and self.lexical is not None:
            counts = source.counts(units, self.name)
            new.lexical = self.lexical.append(*_in_order(counts, units))
        if units and self.sketches is not None:
            blob = _laid_out(source.sketches(units), units, 8 * self.sketches.bits.buffer.shape[1])
            new.sketches = self.sketches.append(blob, len(units))
        if units and self.matrix is not None:
            dim = self.matrix.buffer.shape[1]
            blob = _laid_out(source.vectors(units), units, 4 * dim)
            new.matrix = self.matrix.append(np.frombuffer(blob, np.float32).reshape(-1, dim))
        return new

    @property
    def nbytes(self) -> int:
        """Bytes held by what has been loaded."""
        parts = (self.lexical.nbytes if self.lexical else 0, self.sketches.bits.buffer.nbytes if self.sketches else 0)
        return sum(parts) + (self.matrix.buffer.nbytes if self.matrix else 0) + 16 * self.places.size

    def field(self, source: Source, active: NDArray[np.bool_]) -> Field:
        """The key's postings, read from the store at the first call; ``active`` are places of current records."""
        if self.lexical is None:
            units = self.units.values.tolist()
            self.lexical = LexicalIndex.build(*_in_order(source.counts(None, self.name), units))
        return self._field(self.lexical, np.arange(self.places.size), active)

    def frame(self, active: NDArray[np.bool_]) -> Field:
        """Which rows are whose, without postings."""
        return self._field(LexicalIndex.build([], []), np.arange(self.places.size), active)

    def _field(self, postings: LexicalIndex, rows: NDArray[np.int64], active: NDArray[np.bool_]) -> Field:
        places = self.places.values[rows]
        alive = (self.open & self.lexical_rows.values)[rows]
        return Field(postings, places, alive, alive & active[places])

    def part(self, rows: NDArray[np.int64], source: Source, active: NDArray[np.bool_]) -> Field:
        """The postings of some rows only, read from the store for this one search."""
        units = self.units.values[rows].tolist()
        postings = LexicalIndex.build(*_in_order(source.counts(units, self.name), units))
        return self._field(postings, rows, active)

    def rows_of_units(self, units: Sequence[int] | NDArray[np.int64]) -> NDArray[np.int64]:
        """Rows that stand for any of the units."""
        return np.flatnonzero(np.isin(self.units.values, np.asarray(units, np.int64))).astype(np.int64)

    def rows_of_places(self, places: NDArray[np.int64]) -> NDArray[np.int64]:
        """Open rows of records."""
        return np.flatnonzero(self.open & np.isin(self.places.values, places)).astype(np.int64)

    def cosines(self, query: NDArray[np.float32], source: Source, *, exact: bool) -> NDArray[np.float32] | None:
        """The cosine of every row, where the matrix is or (``exact``) may be held in memory; else None."""
        # Read once: another bank's thread may give the matrix up to make room for its own.
        matrix = self.matrix
        if matrix is None and exact:
            matrix = self.matrix = self._load_matrix(source, len(query))
        return None if matrix is None else (matrix.values @ query).astype(np.float32, copy=False)

    def search_dense(
        self,
        query: NDArray[np.float32],
        k: int,
        mask: NDArray[np.bool_],
        source: Source,
        cosines: NDArray[np.float32] | None,
    ) -> Found:
        """The nearest ``k`` record places by cosine among places in ``mask``, with their cosines.

        ``cosines`` are those of every row; without them the store or sketches choose what is rescored.
        """
        visible = self.open & self.dense_rows.values & mask[self.places.values]
        some = int(visible.sum())
        if not some:
            return []
        if cosines is not None:
            scores = cosines if some == len(visible) else np.where(visible, cosines, np.float32(-2.0))
            return self._pairs(best(scores, min(k, some)), scores)
        if some <= candidates(k):
            rows = np.flatnonzero(visible).astype(np.int64)
        else:
            rows = self._candidates(query, k, visible, some, source)
        units_of = self.units.values

        def fetch(chosen: NDArray[np.int64]) -> NDArray[np.float32]:
            wanted_units = units_of[chosen].tolist()
            found = source.vectors(wanted_units)
            return np.frombuffer(_laid_out(found, wanted_units, 4 * len(query)), np.float32).reshape(-1, len(query))

        scores = rescore(rows, query, fetch)
        order = best(scores, k)
        return list(zip(self.places.values[rows[order]].tolist(), scores[order].tolist(), strict=True))

    def _candidates(
        self, query: NDArray[np.float32], k: int, visible: NDArray[np.bool_], some: int, source: Source
    ) -> NDArray[np.int64]:
        if self.sketches is None:
            units = source.nearest_units(query, k, self.units.values[visible], len(visible))
            if units is not None:
                rows = self.rows_of_units(units)
                return rows[visible[rows]]
            width = -(-len(query) // 64) * 8
            every = self.units.values.tolist()
            self.sketches = SketchIndex.build(_laid_out(source.sketches(None), every, width), len(every))
        return self.sketches.nearest(query, candidates(k), None if some == len(visible) else visible)

    def _load_matrix(self, source: Source, dim: int) -> Column[np.float32]:
        units = self.units.values.tolist()
        blob = _laid_out(source.vectors(None), units, 4 * dim)
        return Column.of(np.frombuffer(blob, np.float32).reshape(-1, dim), np.float32)

    def _pairs(self, rows: NDArray[np.int64], scores: NDArray[np.float32]) -> Found:
        return list(zip(self.places.values[rows].tolist(), scores[rows].tolist(), strict=True))


def _in_order(counts: dict[int, tuple[bytes, int]], units: Sequence[int]) -> tuple[list[bytes], list[int]]:
    empty = (b"", 0)
    rows = [counts.get(unit, empty) for unit in units]
    return [row[0] for row in rows], [row[1] for row in rows]


def _laid_out(blobs: dict[int, bytes], units: Sequence[int], width: int) -> bytes:
    # A row that has no vector (its key is lexical only) holds zeros, which its mask keeps out of results.
    empty = bytes(width)
    return b"".join([blobs.get(unit, empty) for unit in units])
