"""Unit vectors: ``v / ||v||``, and a fixed unit vector where there is no direction."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def unit_rows(rows: NDArray[np.float32]) -> NDArray[np.float32]:
    """Scale each row to length 1.

    A row that is zero or not finite (a text without any token) becomes the first basis vector, so that no
    caller has to treat it apart.

    Parameters
    ----------
    rows
        Shape ``(n, dim)``, ``dim >= 1``.

    >>> unit_rows(np.array([[3.0, 4.0], [0.0, 0.0]], dtype=np.float32)).tolist()
    [[0.6000000238418579, 0.800000011920929], [1.0, 0.0]]
    """
    # The largest component is divided out first: squares of float32 overflow above 1e19 and vanish below
    # 1e-23.
    largest = np.abs(rows).max(axis=1, keepdims=True, initial=0.0)
    usable = np.isfinite(largest[:, 0]) & (largest[:, 0] > 0)
    units = np.zeros(rows.shape, dtype=np.float32)
    units[:, 0] = 1.0
    scaled = rows[usable].astype(np.float64) / largest[usable]
    units[usable] = scaled / np.sqrt(np.square(scaled).sum(axis=1, keepdims=True))
    return units
