"""Likeness: which records say nearly the same as a new one, as seen by an embedder (law 6).

    limit = θ(quantile) + strictness · (1 - θ(quantile)),   θ = quantile of the cosine of random pairs

A quantile alone cannot say "nearly identical": even the highest one is only the most alike random pair.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from mnemic.core.reading import Where
from mnemic.core.record import Record
from mnemic.core.view import View

if TYPE_CHECKING:
    from mnemic.core.view import Vector


def limit_of(view: View, quantile: float, strictness: float = 0.0) -> float:
    """The cosine from which two texts count as alike.

    >>> from mnemic.core.list_view import ListView
    >>> limit_of(ListView([]), 0.5), limit_of(ListView([]), 0.5, strictness=0.5)
    (0.5, 0.75)
    """
    base = view.tools.threshold(quantile)
    return base + strictness * (1.0 - base)


def vectors_of(records: Sequence[Record], key: str, view: View) -> dict[str, Vector]:
    """The vectors that records which are not stored yet will have under a dense key."""
    held = [record for record in records if key in record.keys and record.keys[key].dense]
    rows = view.tools.embed([record.keys[key].text for record in held])
    return {record.id: row for record, row in zip(held, rows, strict=True)}


def most_alike(
    record_id: str, new: dict[str, Vector], view: View, *, key: str, k: int, where: Where
) -> list[tuple[str, float]]:
    """The ``k`` stored or new records nearest to the new one ``record_id``, with their cosines, best first."""
    vector = new[record_id]
    stored = [(hit.id, hit.score) for hit in view.dense(vector, key=key, k=k, where=where)]
    beside = [(other, float(vector @ row)) for other, row in new.items() if other != record_id]
    return sorted([*stored, *beside], key=lambda pair: -pair[1])[:k]
