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
    _lock: threading.RLock = field(default_factory=threading.RLock)

    def at(self, slot: Slot, source: Source) -> BankIndex | None:
        """The bank's index at the source's seq; None when the kept one is already past it."""
        with self._lock:
            self._asked[slot] = self._asked.get(slot, 0) + 1
            known = self._slots.get(slot)
            if known is not None and known.seq > source.seq:
                return None
            if known is None or known.seq < source.seq:
                known = known.refreshed(source) if known else BankIndex.build(source)
            # Re-inserting keeps the dict in order of last use.
            self._slots.pop(slot, None)
            self._slots[slot] = known
            self._evict(slot)
            return known

    def admits_matrix(self, slot: Slot, key: KeyIndex, dim: int) -> bool:
        """Whether the exact vectors of a key may be held in memory."""
        if key.places.size > EXACT_ROWS:
            return False
        with self._lock:
            needed = 4 * dim * key.places.size
            if needed > self.budget // 2:
                return False
            free = self.budget - sum(index.nbytes for index in self._slots.values())
            if needed <= free:
                return True
            for other, index in self._slots.items():
                if other != slot and self._asked.get(other, 0) < self._asked.get(slot, 0):
                    for held in index.keys.values():
                        if held.matrix is not None:
                            free += held.matrix.buffer.nbytes
                            held.matrix = None
                if needed <= free:
                    return True
            return False

    def drop(self, file: str, bank: int | None = None) -> None:
        """Forget all that is kept of a file, or of one bank of it."""
        with self._lock:
            for slot in [slot for slot in self._asked if slot[0] == file and bank in (None, slot[1])]:
                self._slots.pop(slot, None)
                del self._asked[slot]

    def _evict(self, keep: Slot) -> None:
        held = sum(index.nbytes for index in self._slots.values())
        for slot in list(self._slots):
            if held <= self.budget:
                return
            if slot != keep:
                held -= self._slots.pop(slot).nbytes
