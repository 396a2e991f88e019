"""Buckets: vectors that point the same way fall into the same bucket, by random projections that a seed fixes.

    bucket(x) = argmax [xR ; -xR],   R: d × b/2 Gaussian,   so 0 <= bucket < b

Two vectors share a bucket the more probably the smaller the angle between them, and that is all it says: a near
neighbour may lie one bucket further. ``probes`` > 1 looks into the next best buckets too.
Source: A. Andoni et al., "Practical and Optimal LSH for Angular Distance", arXiv 1509.02897, 2015.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from mnemic.core.errors import BadInput
from mnemic.core.reading import Hit, Where
from mnemic.core.view import View

if TYPE_CHECKING:
    from mnemic.core.view import Matrix, Vector

#: How many of the nearest records are hashed at a time while a bucket is searched.
_AT_ONCE = 64


@dataclass(frozen=True, slots=True)
class Buckets:
    """``count`` buckets (an even number), searched ``probes`` deep. Raises BadInput.

    >>> import numpy as np
    >>> here = np.array([[0.6, 0.8], [0.61, 0.79], [-0.6, -0.8]], np.float32)
    >>> first, near, opposite = Buckets(4).probed(here)
    >>> first == near, first == opposite
    (True, False)
    """

    count: int = 16
    probes: int = 1
    seed: int = 0

    def __post_init__(self) -> None:
        if self.count < 2 or self.count % 2:
            raise BadInput(f"buckets: {self.count} must be an even number of at least 2")
        if not 1 <= self.probes <= self.count:
            raise BadInput(f"probes: {self.probes} must lie between 1 and the number of buckets ({self.count})")

    def probed(self, vectors: Matrix, probes: int = 1) -> list[tuple[int, ...]]:
        """The ``probes`` best buckets of each row, best first."""
        import numpy as np

        projected = vectors @ _projection(vectors.shape[1], self.count // 2, self.seed)
        both = np.concatenate([projected, -projected], axis=1)
        best = np.argsort(-both, axis=1, kind="stable")[:, :probes]
        return [tuple(int(bucket) for bucket in row) for row in best]

    def nearest(self, vector: Vector, view: View, *, key: str, k: int, where: Where) -> list[Hit]:
        """The ``k`` records nearest by cosine among those in the probed buckets of ``vector``.

        Buckets are computed from the stored vectors, so that a reworded record is never looked for in its old one.
        """
        wanted = set(self.probed(vector[None, :], self.probes)[0])
        found: list[Hit] = []
        looked_at, asked = 0, _AT_ONCE
        while len(found) < k:
            hits = view.dense(vector, key=key, k=asked, where=where)
            fresh = hits[looked_at:]
            if not fresh:
                break
            found.extend(self._within(fresh, wanted, key, view))
            looked_at, asked = len(hits), 4 * asked
        return found[:k]

    def _within(self, hits: Sequence[Hit], wanted: set[int], key: str, view: View) -> list[Hit]:
        import numpy as np

        stored = view.vectors([hit.id for hit in hits], key=key)
        held = [hit for hit in hits if hit.id in stored]
        if not held:
            return []
        rows = self.probed(np.stack([stored[hit.id] for hit in held]))
        return [hit for hit, (bucket,) in zip(held, rows, strict=True) if bucket in wanted]


@lru_cache(maxsize=32)
def _projection(dim: int, half: int, seed: int) -> Any:
    import numpy as np

    return np.random.default_rng(seed).standard_normal((dim, half)).astype(np.float32)
