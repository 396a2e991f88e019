"""BM25F over records: several keys, and neighbouring turns, enter a term's frequency before it saturates.

score(q, r) = sum over terms t of q:  idf(t) * c * (k1 + 1) / (c + k1)
c = sum over o in -w..w:  2^-|o| * tf(r+o, t) / (1 - b + b * |r+o| / avg|r|)   +   tf of t in r's other keys
idf(t) = ln(1 + (N - df + 0.5) / (df + 0.5)), with N, df and avg|r| of this bank and key alone.

With w = 0 and no other keys this is BM25.

Source: S. Robertson, H. Zaragoza, M. Taylor, "Simple BM25 extension to multiple weighted fields", CIKM 2004.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mnemic.store.index.lexical_index import LexicalIndex

K1 = 1.2


def idf(docs: int, df: int) -> float:
    """Inverse document frequency, never negative.

    >>> round(idf(10, 1), 3)
    1.992
    """
    return math.log(1 + (docs - df + 0.5) / (df + 0.5))


@dataclass(frozen=True, slots=True)
class Field:
    """A key's postings with the record place of each document.

    ``alive`` documents can be found; ``current`` ones, those of records that are active, make the statistics.
    """

    postings: LexicalIndex
    places: NDArray[np.int32]
    alive: NDArray[np.bool_]
    current: NDArray[np.bool_]

    def of(self, term: str) -> tuple[NDArray[np.int32], NDArray[np.float32]]:
        """Live documents that hold a term, and how often."""
        docs, counts = self.postings.of(term)
        keep = self.alive[docs]
        return (docs, counts) if keep.all() else (docs[keep], counts[keep])

    def df(self, term: str) -> int:
        """How many current documents hold a term."""
        return int(self.current[self.postings.of(term)[0]].sum())


@dataclass(frozen=True, slots=True)
class Statistics:
    """What idf and length normalisation need to know of a whole bank and key."""

    docs: int
    average_length: float
    df: dict[str, int]

    @classmethod
    def of(cls, field: Field, query: Sequence[str]) -> Statistics:
        """Exact statistics of a field that is held whole."""
        lengths = field.postings.lengths.values[field.current]
        df = {term: field.df(term) for term in query}
        return cls(len(lengths), float(lengths.mean()) if len(lengths) else 1.0, df)


@dataclass(frozen=True, slots=True)
class SessionOrder:
    """Current documents in the order session, time, arrival: who is whose neighbour.

    ``position`` of a document that is not current is -1: it has no neighbours.
    """

    documents: NDArray[np.int64]
    position: NDArray[np.int64]
    session: NDArray[np.int32]

    @property
    def nbytes(self) -> int:
        """Bytes held."""
        return self.documents.nbytes + self.position.nbytes + self.session.nbytes

    @classmethod
    def of(cls, field: Field, sessions: NDArray[np.int32], times: NDArray[np.int64]) -> SessionOrder:
        """The order of a field's current documents; ``sessions`` and ``times`` are given by record place."""
        kept = np.flatnonzero(field.current)
        places = field.places[kept]
        documents = kept[np.lexsort((places, times[places], sessions[places]))]
        position = np.full(len(field.places), -1, np.int64)
        position[documents] = np.arange(len(documents))
        return cls(documents, position, sessions[field.places[documents]])

    def part(self, rows: NDArray[np.int64]) -> SessionOrder:
        """The order of some documents, numbered as in ``rows``: only neighbours in the whole are neighbours."""
        here = self.position[rows]
        documents = np.flatnonzero(here >= 0)
        documents = documents[np.argsort(here[documents])]
        places = here[documents]
        position = np.full(len(rows), -1, np.int64)
        position[documents] = np.arange(len(documents))
        breaks = (np.diff(places) != 1) | (np.diff(self.session[places]) != 0)
        return SessionOrder(documents, position, np.append(0, np.cumsum(breaks))[: len(documents)].astype(np.int32))

    def spread(
        self, docs: NDArray[np.int32], values: NDArray[np.float32], window: int, out: NDArray[np.float32]
    ) -> None:
        """Add each document's value to its neighbours, halved at each step of distance."""
        here = self.position[docs]
        apart = here < 0
        out[docs[apart]] += values[apart]
        docs, values, here = docs[~apart], values[~apart], here[~apart]
        for offset in range(-window, window + 1):
            there = here + offset
            inside = (there >= 0) & (there < len(self.documents))
            inside[inside] = self.session[there[inside]] == self.session[here[inside]]
            # Distinct documents have distinct neighbours at one offset, so plain indexed addition is safe.
            out[self.documents[there[inside]]] += values[inside] * 2.0 ** -abs(offset)


def bm25f(
    query: Sequence[str],
    main: Field,
    others: Sequence[Field],
    size: int,
    statistics: Statistics,
    *,
    window: int,
    b: float,
    order: SessionOrder | None,
) -> NDArray[np.float32]:
    """Scores by record place, shape (size,). ``order`` is needed when ``window`` is not zero."""
    scores = np.zeros(size, np.float32)
    norms = 1 - b + b * main.postings.lengths.values / (statistics.average_length or 1.0)
    for term in dict.fromkeys(query):
        frequency = np.zeros(size, np.float32)
        docs, counts = main.of(term)
        values = counts / norms[docs]
        if window and order is not None and len(docs):
            spread = np.zeros(len(main.places), np.float32)
            order.spread(docs, values, window, spread)
            near = np.flatnonzero(spread)
            near = near[main.alive[near]]
            frequency[main.places[near]] += spread[near]
        else:
            frequency[main.places[docs]] += values
        df = statistics.df.get(term, 0)
        for other in others:
            docs, counts = other.of(term)
            frequency[other.places[docs]] += counts
            # A word that only dates or names hold is as rare as those make it.
            df = df or other.df(term)
        if df:
            places = np.flatnonzero(frequency)
            c = frequency[places]
            scores[places] += idf(max(statistics.docs, df), df) * c * (K1 + 1) / (c + K1)
    return scores
