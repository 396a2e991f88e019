"""Nearness: scores of hits as numbers from 0 to 1 that fall with the rank, where an interface expects similarities."""

from __future__ import annotations

import math
from collections.abc import Sequence

from mnemic.answers import Found


def nearness(found: Sequence[Found]) -> list[float]:
    """How near each is to the query: its cosine where there is one, and never less than one ranked below it."""
    near = [one.hit.parts.get("cosine") for one in found]
    own = [_logistic(one.hit.score) if c is None else c for one, c in zip(found, near, strict=True)]
    out: list[float] = []
    for value in reversed(own):
        out.append(max([min(max(value, 0.0), 1.0), *out[-1:]]))
    return out[::-1]


def _logistic(score: float) -> float:
    return 1 / (1 + math.exp(-max(min(score, 50.0), -50.0)))
