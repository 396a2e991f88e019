"""Nearness: how close a sentence comes to examples of what is said about each matter, by an embedder.

    near(matter) = (s(matter) - mean of s over the matters) / spread,  s = mean cosine to the two nearest examples

``spread`` is how far the examples themselves scatter by this measure, so that the figure means the same for every
embedder (law 6). The examples are in ``matters.toml``, written for this project.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Matrix = NDArray[np.float32]
#: Unit vectors of texts.
Embed = Callable[[Sequence[str]], Matrix]
_NEAREST = 2
_NO_SPREAD = 1e-4


@dataclass(frozen=True, slots=True)
class Nearness:
    """The examples of each matter as vectors of one embedder."""

    vectors: Mapping[str, Matrix]
    spread: float

    @classmethod
    def of(cls, examples: Mapping[str, Sequence[str]], embed: Embed) -> Nearness:
        """The examples, embedded; matters without any are left out."""
        given = {matter: texts for matter, texts in examples.items() if len(texts) > _NEAREST}
        if len(given) < 2:
            return cls({}, 1.0)
        flat = embed([text for texts in given.values() for text in texts])
        ends = np.cumsum([len(texts) for texts in given.values()])
        vectors = dict(zip(given, np.split(flat, ends[:-1]), strict=True))
        # Towards its own matter an example is as near as it is to itself, which no sentence to be judged will be.
        strange = [_closeness(own, _without(vectors, name)) for name, own in vectors.items()]
        scatter = np.concatenate([(block - block.mean(axis=1, keepdims=True)).ravel() for block in strange])
        spread = float(np.sqrt(np.mean(scatter**2)))
        return cls(vectors, spread if spread > _NO_SPREAD else 1.0)

    def of_texts(self, texts: Sequence[str], embed: Embed) -> list[dict[str, float]]:
        """For each text, how far each matter stands out.

        >>> corner = {"sea": ["boat", "boat", "boat"], "land": ["cart", "cart", "cart"]}
        >>> def embed(texts):
        ...     return np.array([[1, 0] if "boat" in text else [0, 1] for text in texts], np.float32)
        >>> Nearness.of(corner, embed).of_texts(["a boat"], embed)
        [{'sea': 0.5, 'land': -0.5}]
        """
        if not self.vectors:
            return [{} for _ in texts]
        close = _closeness(embed(texts), self.vectors)
        near = (close - close.mean(axis=1, keepdims=True)) / self.spread
        return [dict(zip(self.vectors, map(float, row), strict=True)) for row in near]


def _without(vectors: Mapping[str, Matrix], name: str) -> dict[str, Matrix]:
    return {other: matrix for other, matrix in vectors.items() if other != name}


def _closeness(vectors: Matrix, matters: Mapping[str, Matrix]) -> Matrix:
    return np.stack([np.sort(vectors @ own.T, axis=1)[:, -_NEAREST:].mean(axis=1) for own in matters.values()], axis=1)
