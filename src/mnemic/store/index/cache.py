"""Bank indexes kept between reads, under a budget of bytes.

An index is refreshed to the reader's snapshot before it is used, so a write by any process is seen by the
next read. The matrix of exact vectors is admitted by frequency: a bank asked for more often than the one
it would push out (after TinyLFU, Einziger et al. 2017).
"""

from __future__ import annotations

import threading
from dataclasses import dataclass, field

from mnemic.store.index.bank_index import BankIndex
from mnemic.store.index.key_index import EXACT_ROWS, KeyIndex
from mnemic.store.index.source import Source

Slot = tuple[str, int, int]


@dataclass(slots=True)
class IndexCache:
    """Indexes by ``(file, bank, space)``; ``budget`` is in bytes."""

    budget: int
    _slots: dict[Slot, BankIndex] = field(default_factory=dict)
    _asked: dict[Slot, int] = field(default_factory=dict)
    _bytes: dict[Slot, int] = field(default_factory=dict)
    _used: set[Slot] = field(default_factory=set)
    _lock: threading.RLock = field(default_factory=threading.RLock)

    def at(self, slot: Slot, source: Source) -> BankIndex | None:
        """The bank's index at the source's seq; None when the kept one is already past it."""
        with self._lock:
            self._asked[slot] = self._asked.get(slot, 0) + 1
            # What a search loads is seen when the next one begins.
            for used in self._used & self._slots.keys():
                self._bytes[used] = self._slots[used].nbytes
            self._used = {slot}
            known = self._slots.get(slot)
            if known is not None and known.seq > source.seq:
                return None
            if known is not None and known.seq < source.seq and known.seq < source.erased():
                # It holds what was erased since.
                known = None
            if known is None or known.seq < source.seq:
                known = known.refreshed(source) if known else BankIndex.build(source)
            # Re-inserting keeps the dict in order of last use.
            self._slots.pop(slot, None)
            self._slots[slot] = known
            self._bytes[slot] = known.nbytes
            self._evict(slot)
            return known

    def index(self, slot: Slot, source: Source, past: int | None) -> BankIndex:
        """The bank's index as the source shows it; that of a ``past`` seq is built for the caller alone."""
        kept = self.at(slot, source) if past is None else None
        # None: another reader has taken the kept index past this source.
        return BankIndex.build(source) if kept is None else kept

    def admits_matrix(self, slot: Slot, key: KeyIndex, dim: int) -> bool:
        """Whether the exact vectors of a key may be held in memory."""
        if key.places.size > EXACT_ROWS:
            return False
        with self._lock:
            needed = 4 * dim * key.places.size
            if key.matrix is not None or needed > self.budget // 2:
                return key.matrix is not None
            free = self.budget - sum(self._bytes.values())
            for other in list(self._slots):
                if needed <= free:
                    break
                if other != slot and self._asked.get(other, 0) < self._asked.get(slot, 0):
                    free += self._drop_matrices(other)
            if needed > free:
                return False
            if slot in self._slots:
                # Counted at once, so that the next to ask is not promised the same bytes.
                self._bytes[slot] += needed
            return True

    def drop(self, file: str, bank: int | None = None) -> None:
        """Forget all that is kept of a file, or of one bank of it."""
        with self._lock:
            for slot in [slot for slot in self._asked if slot[0] == file and bank in (None, slot[1])]:
                self._slots.pop(slot, None)
                self._bytes.pop(slot, None)
                del self._asked[slot]

    def _evict(self, keep: Slot) -> None:
        held = sum(self._bytes.values())
        others = [slot for slot in self._slots if slot != keep]
        # A matrix only saves time on what sketches can do too; an index that is gone must be built again.
        for slot in others:
            if held > self.budget:
                held -= self._drop_matrices(slot)
        for slot in others:
            if held > self.budget:
                held -= self._bytes.pop(slot)
                del self._slots[slot]

    def _drop_matrices(self, slot: Slot) -> int:
        freed = 0
        for key in self._slots[slot].keys.values():
            if key.matrix is not None:
                freed += key.matrix.buffer.nbytes
                key.matrix = None
        self._bytes[slot] -= freed
        return freed
