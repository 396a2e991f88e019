"""Nearest vectors of one key of one bank: exactly over a matrix, or by sign sketches and rescoring.

A sketch is the signs of a vector's components, one bit each. The sketches nearest by Hamming distance
are rescored by the true cosine, read from the store.

Source: M. Charikar, "Similarity estimation techniques from rounding algorithms", STOC 2002.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mnemic.store.index.column import Column

OVERSAMPLE = 32
LEAST_CANDIDATES = 400


def candidates(k: int) -> int:
    """How many of the sketches that lie nearest are rescored to find the nearest ``k``.

    >>> candidates(5), candidates(20)
    (400, 640)
    """
    return max(OVERSAMPLE * k, LEAST_CANDIDATES)


def sketch(vectors: NDArray[np.float32]) -> NDArray[np.uint8]:
    """The sign bits of vectors, shape (n, ceil(dim / 64) * 8).

    >>> sketch(np.array([[1.0, -1.0, 1.0]], np.float32))[0, 0]
    np.uint8(160)
    """
    bits = np.packbits(vectors > 0, axis=1)
    padding = -bits.shape[1] % 8
    return np.pad(bits, ((0, 0), (0, padding))) if padding else bits


@dataclass(frozen=True, slots=True)
class SketchIndex:
    """Sign sketches of vectors 0, 1, 2..., shape (n, words) of 64 bits."""

    bits: Column[np.uint64]

    @classmethod
    def build(cls, blob: bytes, rows: int) -> SketchIndex:
        """Sketches from their bytes laid end to end."""
        return cls(Column.of(np.frombuffer(blob, np.uint64).reshape(rows, -1), np.uint64))

    def append(self, blob: bytes, rows: int) -> SketchIndex:
        """The sketches with further ones."""
        return SketchIndex(self.bits.append(np.frombuffer(blob, np.uint64).reshape(rows, -1)))

    def nearest(self, query: NDArray[np.float32], k: int, mask: NDArray[np.bool_] | None) -> NDArray[np.int64]:
        """The ``k`` rows of smallest Hamming distance among those in ``mask``, in row order."""
        wanted = sketch(query[None, :]).view(np.uint64)[0]
        rows = self.bits.values
        distances = np.zeros(len(rows), np.uint16)
        for word in range(rows.shape[1]):
            distances += np.bitwise_count(rows[:, word] ^ wanted[word])
        if mask is not None:
            distances[~mask] = np.iinfo(np.uint16).max
        k = min(k, len(rows) if mask is None else int(mask.sum()))
        if k <= 0:
            return np.empty(0, np.int64)
        # Of those tied at the cut the first come in, so that every engine chooses the same.
        edge = np.partition(distances, k - 1)[k - 1]
        nearer = np.flatnonzero(distances < edge)
        tied = np.flatnonzero(distances == edge)[: k - len(nearer)]
        return np.sort(np.concatenate([nearer, tied])).astype(np.int64)


def best(scores: NDArray[np.float32], k: int) -> NDArray[np.int64]:
    """The places of the ``k`` highest scores, best first, ties in order of place.

    >>> best(np.array([0.1, 0.9, 0.9], np.float32), 2).tolist()
    [1, 2]
    """
    if k <= 0:
        return np.empty(0, np.int64)
    if k < len(scores):
        edge = np.partition(scores, len(scores) - k)[len(scores) - k]
        # Everything tied with the last place competes, so that the cut does not depend on the algorithm.
        places = np.flatnonzero(scores >= edge)
    else:
        places = np.arange(len(scores))
    order = np.argsort(-scores[places], kind="stable")
    return places[order[:k]].astype(np.int64)


def rescore(
    candidates: NDArray[np.int64],
    query: NDArray[np.float32],
    fetch: Callable[[NDArray[np.int64]], NDArray[np.float32]],
) -> NDArray[np.float32]:
    """True cosines of candidate rows, whose vectors ``fetch`` reads from the store."""
    if not len(candidates):
        return np.empty(0, np.float32)
    return fetch(candidates) @ query
