"""Mini-batch k-means: groups of vectors around centres that small random batches move, the same for the same seed.

    c ← c + (x - c) / n_c   for each x of a batch at its nearest centre c, n_c counting what c has seen

Source: D. Sculley, "Web-Scale K-Means Clustering", WWW 2010; seeding by D. Arthur and S. Vassilvitskii, "k-means++",
SODA 2007.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import random

    import numpy as np
    from numpy.typing import NDArray


def kmeans(
    rows: NDArray[np.float32], k: int, rng: random.Random, *, batch: int = 256, rounds: int = 30
) -> NDArray[np.intp]:
    """The number of the group of each row, 0..k-1; some groups may be empty. Rows must be of length one.

    >>> import random
    >>> import numpy as np
    >>> rows = np.array([[1, 0], [0, 1], [1, 0], [0, 1]], dtype=np.float32)
    >>> groups = kmeans(rows, 2, random.Random(1)).tolist()
    >>> groups[0] == groups[2], groups[1] == groups[3], groups[0] == groups[1]
    (True, True, False)
    """
    import numpy as np

    count = len(rows)
    centres = rows[[_first(rows, rng)]].astype(np.float64)
    while len(centres) < min(k, count):
        gaps = np.maximum(1.0 - (rows @ centres.T).max(axis=1), 0.0)
        if not gaps.sum():
            break
        drawn = np.searchsorted(np.cumsum(gaps), rng.random() * gaps.sum())
        centres = np.vstack([centres, rows[min(int(drawn), count - 1)]])
    seen = np.ones(len(centres))
    for _ in range(rounds):
        chosen = sorted(rng.sample(range(count), min(batch, count)))
        nearest = _nearest(rows[chosen], centres)
        for row, place in zip(rows[chosen], nearest, strict=True):
            seen[place] += 1
            centres[place] += (row - centres[place]) / seen[place]
    return _nearest(rows, centres)


def grouped(rows: NDArray[np.float32], most: int, rng: random.Random) -> list[list[int]]:
    """Places of rows in groups of at most ``most``, each grouped again until it is; rows all alike are cut in order.

    >>> import random
    >>> import numpy as np
    >>> rows = np.eye(2, dtype=np.float32)[[0, 1, 0, 1, 0]]
    >>> sorted(grouped(rows, 3, random.Random(1)))
    [[0, 2, 4], [1, 3]]
    """
    waiting, done = [list(range(len(rows)))], []
    while waiting:
        group = waiting.pop()
        if len(group) <= most:
            done.append(group)
            continue
        labels = kmeans(rows[group], -(-len(group) // most), rng)
        parts = [[group[i] for i in range(len(group)) if labels[i] == label] for label in sorted(set(labels.tolist()))]
        if len(parts) == 1:
            parts = [group[start : start + most] for start in range(0, len(group), most)]
        waiting.extend(parts)
    return done


def _first(rows: NDArray[np.float32], rng: random.Random) -> int:
    return rng.randrange(len(rows))


def _nearest(rows: NDArray[np.float32], centres: NDArray[np.float64]) -> NDArray[np.intp]:
    import numpy as np

    lengths = np.maximum((centres**2).sum(axis=1), 1e-12)
    nearest: NDArray[np.intp] = np.argmin(lengths - 2.0 * (rows @ centres.T), axis=1)
    return nearest
