"""Pieces: many short byte strings looked for at once in much data, by words of eight bytes.

    a piece of 15 bytes covers, wherever it lies, one whole word at a multiple of 8

So only every eighth place of the data is looked at: its word is looked up among all words of all pieces, and what is
found is compared in full. Texts shorter than 15 bytes are looked for alike, by words of four bytes.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

#: Bytes of a piece, and of one of a short text.
LONG, SHORT = 15, 7
_CHUNK = 1 << 24
_OVERLAP = 64
_BITS = 22
_MIX = np.uint64(0x9E3779B97F4A7C15)

Words = NDArray[np.uint64]


def cut(text: bytes) -> list[bytes]:
    """A text as pieces that lie end to end, so that any 29 bytes of it hold one whole; [] when it is too short.

    >>> cut(b"We moved to Lisbon last May.")
    [b'We moved to Lis', b'isbon last May.']
    """
    size = LONG if len(text) >= LONG else SHORT
    if len(text) < size:
        return []
    places = [*range(0, len(text) - size + 1, size)]
    if places[-1] != len(text) - size:
        places.append(len(text) - size)
    return [text[place : place + size] for place in places]


@dataclass(slots=True)
class Pieces:
    """A set of pieces, each known by its number; :func:`cut` makes them.

    >>> pieces = Pieces([b"moved to Lisbon", b"in June"])
    >>> pieces.found(b"xx We moved to Lisbon last May")
    {0: 6}
    """

    pieces: list[bytes]
    _tiers: list[_Tier] = field(default_factory=list)

    def __init__(self, pieces: Iterable[bytes]) -> None:
        self.pieces = list(dict.fromkeys(pieces))
        self._tiers = []
        for size, word in ((LONG, 8), (SHORT, 4)):
            numbers = [number for number, piece in enumerate(self.pieces) if len(piece) == size]
            if numbers:
                self._tiers.append(_Tier.of(size, word, numbers, self.pieces))

    def __len__(self) -> int:
        return len(self.pieces)

    def found(self, data: bytes) -> dict[int, int]:
        """The numbers of the pieces that the data holds, each with one place of it."""
        out: dict[int, int] = {}
        if not self._tiers:
            return out
        # What lies behind the last whole word must be looked at too.
        padded = np.frombuffer(data + bytes(_OVERLAP), np.uint8)
        for tier in self._tiers:
            out.update(tier.found(padded))
        return out

    def found_in(self, parts: Iterable[bytes]) -> dict[int, int]:
        """The same of many parts, each looked at as a whole; places count from the first part on."""
        out: dict[int, int] = {}
        waiting: list[bytes] = []
        size = start = 0
        for part in parts:
            waiting.append(part)
            size += len(part) + 1
            if size >= _CHUNK:
                self._look(b"\0".join(waiting), start, out)
                start, size = start + size, 0
                waiting = []
        if waiting:
            self._look(b"\0".join(waiting), start, out)
        return out

    def found_in_file(self, path: Path) -> dict[int, int]:
        """The same of a file, read in stretches."""
        out: dict[int, int] = {}
        for start, data in stretches(path):
            self._look(data, start, out)
        return out

    def _look(self, data: bytes, start: int, out: dict[int, int]) -> None:
        for number, place in self.found(data).items():
            out.setdefault(number, start + place)


def stretches(path: Path) -> Iterator[tuple[int, bytes]]:
    """A file's bytes in stretches that overlap, each with where it begins."""
    with path.open("rb") as file:
        start, before = 0, b""
        while data := file.read(_CHUNK):
            yield start - len(before), before + data
            start += len(data)
            before = data[-_OVERLAP:]


@dataclass(frozen=True, slots=True)
class _Tier:
    """Pieces of one size: the words that they hold, and a hash of each whole piece."""

    size: int
    word: int
    maybe: NDArray[np.bool_]
    words: Words
    #: At which places of a piece each word stands, a bit a place.
    places: NDArray[np.uint8]
    hashes: Words
    numbers: NDArray[np.int64]

    @classmethod
    def of(cls, size: int, word: int, numbers: list[int], pieces: list[bytes]) -> _Tier:
        table = np.frombuffer(b"".join(pieces[n] for n in numbers), np.uint8).reshape(-1, size)
        slides = [_words(table[:, o : o + word]) for o in range(word)]
        words: Any
        words, found = np.unique(np.concatenate(slides), return_inverse=True)
        places = np.zeros(len(words), np.uint8)
        np.bitwise_or.at(places, found.ravel(), np.repeat(1 << np.arange(word), len(table)).astype(np.uint8))
        maybe = np.zeros(1 << _BITS, np.bool_)
        maybe[_bucket(words)] = True
        hashes = _whole(_words(table[:, :word]), _words(table[:, size - word : size]))
        order = np.argsort(hashes)
        return cls(size, word, maybe, words, places, hashes[order], np.array(numbers, np.int64)[order])

    def found(self, data: NDArray[np.uint8]) -> dict[int, int]:
        usable = len(data) - len(data) % self.word
        words: Any = data[:usable].view(np.uint64 if self.word == 8 else np.uint32)
        near = np.flatnonzero(self.maybe[_bucket(words)])
        if not near.size:
            return {}
        asked = words[near].astype(np.uint64)
        known = np.minimum(np.searchsorted(self.words, asked), len(self.words) - 1)
        same = self.words[known] == asked
        out: dict[int, int] = {}
        at, places = near[same] * self.word, self.places[known[same]]
        slide = np.lib.stride_tricks.sliding_window_view(data, self.word)
        for offset in range(self.word):
            starts = at[(places >> offset & 1).astype(np.bool_)] - offset
            starts = starts[(starts >= 0) & (starts + self.size <= len(data))]
            hashes = _whole(_words(slide[starts]), _words(slide[starts + self.size - self.word]))
            known = np.minimum(np.searchsorted(self.hashes, hashes), len(self.hashes) - 1)
            hit = np.flatnonzero(self.hashes[known] == hashes)
            if hit.size:
                numbers, first = np.unique(self.numbers[known[hit]], return_index=True)
                out.update(zip(numbers.tolist(), starts[hit][first].tolist(), strict=True))
        return out


def _words(table: NDArray[np.uint8]) -> Words:
    kind = np.uint64 if table.shape[1] == 8 else np.uint32
    return np.ascontiguousarray(table).view(kind).ravel().astype(np.uint64)


def _bucket(words: NDArray[np.uint64] | NDArray[np.uint32]) -> Words:
    return (words.astype(np.uint64, copy=False) * _MIX) >> np.uint64(64 - _BITS)


def _whole(first: Words, last: Words) -> Words:
    # Both words overlap, so that together they are the piece: equal hashes of unequal pieces are one in 2^64.
    turned = (last << np.uint64(31)) | (last >> np.uint64(33))
    return (first * _MIX) ^ (turned * np.uint64(0xC2B2AE3D27D4EB4F)) ^ (last >> np.uint64(7))
