"""Pieces: many short byte strings looked for at once in much data, by words of eight bytes.

    a piece of 15 bytes covers, wherever it lies, one whole word at a multiple of 8

So only every eighth place of the data is looked at: a table over hashes of words says where in which piece such a word
may stand, a second one whether the 15 bytes around it may be a piece, and what is left is compared in full. Texts
shorter than 15 bytes are looked for alike, by words of four bytes.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

#: Bytes of a piece, and of one of a short text.
LONG, SHORT = 15, 7
#: Threads that look through one file; numpy lets them run side by side.
_THREADS = 4
#: A file is read in stretches of this many bytes, each with so many of the one before.
_STRETCH, _OVERLAP = 1 << 22, 64
#: So many words are looked at in one go: what comes of them stays in the processor's cache.
_BLOCK = 1 << 16
_BITS = 22
_MIX, _MIX_BACK = np.uint64(0x9E3779B97F4A7C15), np.uint64(0xC2B2AE3D27D4EB4F)
_SHIFT = np.uint64(64 - _BITS)

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

    def of(self, numbers: Iterable[int]) -> Pieces:
        """Some of the pieces as a set of their own, numbered in the order given."""
        return Pieces(self.pieces[number] for number in numbers)

    def found(self, data: bytes | bytearray) -> dict[int, int]:
        """The numbers of the pieces that the data holds, each with one place of it."""
        return self._look(data, len(data), 0, {}) if self._tiers else {}

    def found_in(self, parts: Iterable[bytes]) -> dict[int, int]:
        """The same of many parts, each looked at as a whole; places count from the first part on."""
        out: dict[int, int] = {}
        waiting: list[bytes] = []
        size = start = 0
        for part in parts:
            waiting.append(part)
            size += len(part) + 1
            if size >= _STRETCH:
                self._look(b"\0".join(waiting), size, start, out)
                start, size = start + size, 0
                waiting = []
        if waiting:
            self._look(b"\0".join(waiting), size, start, out)
        return out

    def found_in_file(self, path: Path) -> dict[int, int]:
        """The same of a file, looked through by several threads."""
        threads = min(_THREADS, _cores(), 1 + path.stat().st_size // (4 * _STRETCH))
        with ThreadPoolExecutor(threads) as pool:
            found = list(pool.map(lambda turn: self._found_in_part(path, turn, threads), range(threads)))
        out: dict[int, int] = {}
        for one in found:
            out = {**one, **out}
        return out

    def _found_in_part(self, path: Path, turn: int, turns: int) -> dict[int, int]:
        out: dict[int, int] = {}
        for start, size, data in stretches(path, turn, turns):
            self._look(data, size, start, out)
        return out

    def _look(self, data: bytes | bytearray, size: int, start: int, out: dict[int, int]) -> dict[int, int]:
        # Pieces that begin before a block's first word, or end behind its last, are met from either side.
        for tier in self._tiers:
            for number, place in tier.found(data, size):
                out.setdefault(number, start + place)
        return out


def stretches(path: Path, turn: int = 0, turns: int = 1) -> Iterator[tuple[int, int, bytearray]]:
    """A file's bytes in stretches that overlap: where each begins, its size, and a buffer that the next one reuses.

    With ``turns``, those whose turn it is: the first of them, and every so many-th from there on.
    """
    data = bytearray(_OVERLAP + _STRETCH)
    with path.open("rb", buffering=0) as file:
        for start in _starts(turn * _STRETCH, turns * _STRETCH):
            begin = max(0, start - _OVERLAP)
            file.seek(begin)
            size = 0
            while size < start - begin + _STRETCH and (
                more := file.readinto(memoryview(data)[size : start - begin + _STRETCH])
            ):
                size += more
            if size <= start - begin:
                return
            yield begin, size, data


def _starts(first: int, step: int) -> Iterator[int]:
    while True:
        yield first
        first += step


def _cores() -> int:
    affinity = getattr(os, "sched_getaffinity", None)
    return len(affinity(0)) if affinity is not None else os.cpu_count() or 1


@dataclass(frozen=True, slots=True)
class _Tier:
    """Pieces of one size, with a table over hashes of their words and one over hashes of the whole pieces."""

    size: int
    word: int
    #: At which places of a piece a word of that hash stands, a bit a place.
    places: NDArray[np.uint8]
    maybe: NDArray[np.bool_]
    hashes: Words
    numbers: NDArray[np.int64]

    @classmethod
    def of(cls, size: int, word: int, numbers: list[int], pieces: list[bytes]) -> _Tier:
        table = np.frombuffer(b"".join(pieces[n] for n in numbers), np.uint8).reshape(-1, size)
        places = np.zeros(1 << _BITS, np.uint8)
        for place in range(word):
            buckets = _bucket(_words(table[:, place : place + word]))
            places[buckets] |= np.uint8(1 << place)
        hashes = _whole(_words(table[:, :word]), _words(table[:, size - word :]))
        maybe = np.zeros(1 << _BITS, np.bool_)
        maybe[_top(hashes)] = True
        order = np.argsort(hashes)
        return cls(size, word, places, maybe, hashes[order], np.array(numbers, np.int64)[order])

    def found(self, data: bytes | bytearray, size: int) -> Iterator[tuple[int, int]]:
        """Pieces in the first ``size`` bytes, with their places."""
        step = _BLOCK * self.word
        kind = "<u8" if self.word == 8 else "<u4"
        scratch = np.empty(_BLOCK, np.uint64)
        for start in range(0, size, step):
            # The word before and the one behind, since a piece reaches into both.
            count = min(_BLOCK, -(-(size - start) // self.word))
            low, high = start - self.word, start + (count + 1) * self.word
            if low >= 0 and high <= size:
                words: Any = np.frombuffer(data, kind, count + 2, low)
            else:
                raw = bytes(max(0, -low)) + bytes(data[max(0, low) : min(high, size)])
                words = np.frombuffer(raw + bytes(high - low - len(raw)), kind)
            for number, place in self._among(words, scratch[:count]):
                if 0 <= (at := start + place) <= size - self.size:
                    yield number, at

    def _among(self, words: Any, scratch: Words) -> Iterator[tuple[int, int]]:
        np.multiply(words[1:-1], _MIX, out=scratch)
        np.right_shift(scratch, _SHIFT, out=scratch)
        places = self.places[scratch.view(np.int64)]
        near = np.flatnonzero(places != 0)
        places = places[near]
        for place in range(self.word) if near.size else ():
            at = near[(places & (1 << place)).astype(np.bool_)]
            hashes = _whole(*self._ends(words, at, place))
            kept = np.flatnonzero(self.maybe[_top(hashes)])
            if not kept.size:
                continue
            at, hashes = at[kept], hashes[kept]
            known = np.minimum(np.searchsorted(self.hashes, hashes), len(self.hashes) - 1)
            hit = np.flatnonzero(self.hashes[known] == hashes)
            numbers, first = np.unique(self.numbers[known[hit]], return_index=True)
            yield from zip(numbers.tolist(), (at[hit[first]] * self.word - place).tolist(), strict=True)

    def _ends(self, words: Any, at: NDArray[np.int64], place: int) -> tuple[Words, Words]:
        """The first and the last word of what would be a piece if the word at ``at`` stood at ``place`` of it."""
        bits, lead = 8 * self.word, 8 * place
        trail = bits - 8 - lead
        mask = np.uint64((1 << bits) - 1)
        before, here, behind = (words[at + offset].astype(np.uint64, copy=False) for offset in range(3))
        first = here << np.uint64(lead) | before >> np.uint64(bits - lead) if lead else here
        last = here >> np.uint64(trail) | behind << np.uint64(bits - trail) if trail else here
        return first & mask, last & mask


def _words(table: NDArray[np.uint8]) -> Words:
    kind = "<u8" if table.shape[1] == 8 else "<u4"
    return np.ascontiguousarray(table).view(kind).ravel().astype(np.uint64)


def _bucket(words: Words) -> NDArray[np.int64]:
    return ((words * _MIX) >> _SHIFT).view(np.int64)


def _top(hashes: Words) -> NDArray[np.int64]:
    return (hashes >> _SHIFT).view(np.int64)


def _whole(first: Words, last: Words) -> Words:
    # Both words overlap, so that together they are the piece: equal hashes of unequal pieces are one in 2^64.
    turned = (last << np.uint64(31)) | (last >> np.uint64(33))
    return (first * _MIX) ^ (turned * _MIX_BACK) ^ (last >> np.uint64(7))
