"""A force layout (Fruchterman and Reingold 1991): linked nodes attract, all repel, a cooling limits each step."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

WIDTH, HEIGHT = 1000, 640
_MARGIN = 46
_ROUNDS = 220


def laid_out(count: int, edges: Sequence[tuple[int, int, float]]) -> list[tuple[float, float]]:
    """Places of nodes for edges ``(a, b, weight)``; the same input gives the same drawing.

    >>> near, far = laid_out(3, [(0, 1, 1.0)])[:2], laid_out(3, [(0, 1, 1.0)])[2]
    >>> len(near), 0 <= far[0] <= WIDTH
    (2, True)
    """
    if not count:
        return []
    angle = np.arange(count) * 2.399963
    place = np.stack([np.cos(angle), np.sin(angle)], 1) * np.sqrt((np.arange(count) + 0.5) / count)[:, None]
    a = np.array([edge[0] for edge in edges], np.int64)
    b = np.array([edge[1] for edge in edges], np.int64)
    weight = np.array([edge[2] for edge in edges], np.float64)
    ideal = 1.6 / np.sqrt(count)
    for step in range(_ROUNDS):
        apart = place[:, None, :] - place[None, :, :]
        distance = np.sqrt((apart**2).sum(-1)) + 1e-6
        push = (apart * (ideal**2 / distance**2)[..., None]).sum(1)
        if len(edges):
            pull = place[a] - place[b]
            pull *= (np.sqrt((pull**2).sum(-1)) * weight / ideal)[:, None]
            np.add.at(push, a, -pull)
            np.add.at(push, b, pull)
        push -= 0.35 * place
        length = np.sqrt((push**2).sum(-1)) + 1e-9
        heat = 0.12 * (1 - step / _ROUNDS) + 0.002
        place += push * (np.minimum(length, heat) / length)[:, None]
    low, high = place.min(0), place.max(0)
    span = np.maximum(high - low, 1e-6)
    room = np.array([WIDTH - 2 * _MARGIN, HEIGHT - 2 * _MARGIN])
    done = _MARGIN + (place - low) / span * room if count > 1 else np.array([[WIDTH / 2, HEIGHT / 2]])
    return [(round(float(x), 1), round(float(y), 1)) for x, y in done]
