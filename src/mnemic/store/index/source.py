"""What an index reads from a store: rows of one bank, in one consistent snapshot."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]


class RecordRow(NamedTuple):
    """What filters look at of a record; ``n`` is its place in the bank, from 1."""

    n: int
    id: str
    kind: str
    state: str
    session: str
    actor: str
    role: str
    tier: str
    epistemic: str
    event_from: int | None
    event_to: int | None


@dataclass(frozen=True, slots=True)
class KeyRows:
    """Rows of one key in order of making: record ``n`` is found under ``unit``, by its words and/or by its vector."""

    ns: NDArray[np.int64]
    units: NDArray[np.int64]
    lexical: NDArray[np.bool_]
    dense: NDArray[np.bool_]

    @classmethod
    def of(cls, rows: Sequence[tuple[int, int, str]]) -> KeyRows:
        """From rows of n, unit and mode, which holds l and/or d.

        >>> KeyRows.of([(1, 7, "ld"), (2, 8, "l")]).dense.tolist()
        [True, False]
        """
        ns, units, modes = zip(*rows, strict=True) if rows else ((), (), ())
        return cls(
            np.array(ns, np.int64),
            np.array(units, np.int64),
            np.array(["l" in mode for mode in modes], np.bool_),
            np.array(["d" in mode for mode in modes], np.bool_),
        )


def by_key(rows: Iterable[tuple[int, str, int, str]]) -> dict[str, KeyRows]:
    """Rows of n, key, unit and mode by their key, as the index takes them."""
    found: dict[str, list[tuple[int, int, str]]] = {}
    for n, name, unit, mode in rows:
        found.setdefault(name, []).append((n, unit, mode))
    return {name: KeyRows.of(of_one) for name, of_one in found.items()}


class Source(Protocol):
    """A bank at one point of its log."""

    @property
    def seq(self) -> int:
        """The log's last seq that is visible."""
        ...

    def erased(self) -> int:
        """The seq of the bank's last erasure, 0 when there was none: what is older must be read anew."""
        ...

    def record_rows(self, after: int) -> Iterable[RecordRow]:
        """Records changed after seq ``after``, in order of ``n``."""
        ...

    def key_rows(self, after: int) -> Mapping[str, KeyRows]:
        """Rows of each key opened after ``after`` and still open."""
        ...

    def closed_keys(self, after: int) -> Iterable[tuple[int, str, int]]:
        """``(n, name, unit)`` of rows opened up to ``after`` and closed since."""
        ...

    def interval_rows(self, ns: Sequence[int] | None) -> NDArray[np.int64]:
        """Rows of n, low and high in microseconds, of all records or of those in ``ns``."""
        ...

    def counts(self, units: Sequence[int] | None, name: str) -> dict[int, tuple[bytes, int]]:
        """Packed term counts and length by unit; ``None`` means every unit of the key."""
        ...

    def sketches(self, units: Sequence[int] | None) -> dict[int, bytes]:
        """Sign sketches by unit; ``None`` means all of the bank."""
        ...

    def vectors(self, units: Sequence[int] | None) -> dict[int, bytes]:
        """Float32 vectors by unit; ``None`` means all of the bank."""
        ...

    def nearest_units(
        self, query: Floats, k: int, among: NDArray[np.int64], of: int, *, walled: bool = False
    ) -> NDArray[np.int64] | None:
        """Units among which the nearest ``k`` are, as the store chooses them from those that may be found (``among``).

        ``of`` is how many rows the key has in all. ``walled``: what is not in ``among`` may not change what is chosen.
        None where the store does not choose, or does not know: then sketches in memory do.
        """
        ...

    def lexical_candidates(self, name: str, query: Sequence[str], limit: int) -> list[int]:
        """Units that match any term, the store's own best first."""
        ...

    def term_stats(self, name: str, query: Sequence[str]) -> tuple[dict[str, int], int, int]:
        """Document frequencies, number of documents and their total length, of this bank and key."""
        ...

    def dim(self) -> int:
        """Dimensions of the bank's vectors; 0 when it has none."""
        ...
