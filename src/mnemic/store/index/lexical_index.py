"""Postings of one key of one bank, held in numpy arrays: which documents hold a term, and how often."""

from __future__ import annotations

import struct
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from hashlib import blake2b

import numpy as np
from numpy.typing import NDArray

from mnemic.core.analysis import terms
from mnemic.store.index.column import Column

_MAX_SEGMENTS = 8


@lru_cache(maxsize=131_072)
def term_hash(term: str) -> int:
    """The 64-bit name of a term in postings."""
    return int.from_bytes(blake2b(term.encode("utf-8"), digest_size=8).digest(), "little")


def count_terms(text: str) -> tuple[str, bytes, int]:
    """A text as the store keeps it: its terms in a row, its counts packed, its length in terms.

    >>> count_terms("tea or green tea")[0::2]
    ('tea green tea', 3)
    """
    found = terms(text)
    return " ".join(found), pack_counts(found), len(found)


def pack_counts(found: Sequence[str]) -> bytes:
    """Term counts as bytes: all 64-bit hashes, then all 16-bit counts."""
    counts = Counter(found)
    size = len(counts)
    # For the few dozen terms of a text, struct is several times as fast as numpy.
    return struct.pack(f"={size}Q{size}H", *map(term_hash, counts), *(min(c, 65_535) for c in counts.values()))


def unpack_counts(blob: bytes) -> tuple[NDArray[np.uint64], NDArray[np.uint16]]:
    """The inverse of :func:`pack_counts`: hashes and counts."""
    size = len(blob) // 10
    return np.frombuffer(blob, np.uint64, size), np.frombuffer(blob, np.uint16, size, offset=8 * size)


@dataclass(frozen=True, slots=True)
class Postings:
    """Postings of a run of documents, sorted by term."""

    terms: NDArray[np.uint64]
    starts: NDArray[np.int64]
    docs: NDArray[np.int32]
    counts: NDArray[np.uint16]

    @classmethod
    def build(cls, first: int, blobs: Sequence[bytes]) -> Postings:
        """Postings of documents ``first``, ``first + 1``, ... from their packed counts."""
        sizes = np.fromiter((len(blob) // 10 for blob in blobs), np.int64, len(blobs))
        hashes = np.frombuffer(b"".join(b[: 8 * (len(b) // 10)] for b in blobs), np.uint64)
        counts = np.frombuffer(b"".join(b[8 * (len(b) // 10) :] for b in blobs), np.uint16)
        docs = np.repeat(np.arange(first, first + len(blobs), dtype=np.int32), sizes)
        return cls._sorted(hashes, docs, counts)

    @classmethod
    def merge(cls, parts: Sequence[Postings]) -> Postings:
        """One run of several."""
        hashes = np.concatenate([np.repeat(p.terms, np.diff(p.starts)) for p in parts])
        return cls._sorted(hashes, np.concatenate([p.docs for p in parts]), np.concatenate([p.counts for p in parts]))

    @classmethod
    def _sorted(cls, hashes: NDArray[np.uint64], docs: NDArray[np.int32], counts: NDArray[np.uint16]) -> Postings:
        order = np.argsort(hashes, kind="stable")
        hashes = hashes[order]
        unique, starts = np.unique(hashes, return_index=True)
        return cls(unique, np.append(starts, len(hashes)).astype(np.int64), docs[order], counts[order])

    def of(self, term: int) -> tuple[NDArray[np.int32], NDArray[np.uint16]]:
        """The documents that hold a term, and how often."""
        place = int(np.searchsorted(self.terms, np.uint64(term)))
        if place == len(self.terms) or int(self.terms[place]) != term:
            return self.docs[:0], self.counts[:0]
        low, high = self.starts[place], self.starts[place + 1]
        return self.docs[low:high], self.counts[low:high]

    @property
    def nbytes(self) -> int:
        """Bytes held."""
        return self.terms.nbytes + self.starts.nbytes + self.docs.nbytes + self.counts.nbytes


@dataclass(frozen=True, slots=True)
class LexicalIndex:
    """Postings of documents 0, 1, 2...; grows by runs that are merged when there are many."""

    runs: tuple[Postings, ...]
    lengths: Column[np.float32]

    @classmethod
    def build(cls, blobs: Sequence[bytes], lengths: Sequence[int]) -> LexicalIndex:
        """An index of documents given as packed counts and lengths."""
        return cls((Postings.build(0, blobs),), Column.of(lengths, np.float32))

    def append(self, blobs: Sequence[bytes], lengths: Sequence[int]) -> LexicalIndex:
        """The index with further documents."""
        runs = (*self.runs, Postings.build(self.lengths.size, blobs))
        if len(runs) > _MAX_SEGMENTS:
            runs = (Postings.merge(runs),)
        return LexicalIndex(runs, self.lengths.append(lengths))

    def of(self, term: str) -> tuple[NDArray[np.int32], NDArray[np.float32]]:
        """The documents that hold a term, and how often."""
        found = [run.of(term_hash(term)) for run in self.runs]
        if len(found) == 1:
            return found[0][0], found[0][1].astype(np.float32)
        docs = np.concatenate([docs for docs, _ in found])
        return docs, np.concatenate([counts for _, counts in found]).astype(np.float32)

    @property
    def nbytes(self) -> int:
        """Bytes held."""
        return sum(run.nbytes for run in self.runs) + self.lengths.buffer.nbytes
